# The mail's own words in English, and what every other language falls back to.
# Project Fluent (https://projectfluent.org): `{ $name }` is put in; numbers come as the language
# writes them. In HTML mails what is put in may be bold or a link.

## When digests come

rhythm = { $days } at { $hour }, { $zone }
rhythm-schedule = “{ $schedule }”, { $zone }
rhythm-schedule-hour = { $hour } on the days of “{ $schedule }”, { $zone }
days-daily = daily
days-weekdays = weekdays
days-weekly = { $day ->
    [mon] Mondays
    [tue] Tuesdays
    [wed] Wednesdays
    [thu] Thursdays
    [fri] Fridays
    [sat] Saturdays
   *[sun] Sundays
}
days-monthly = monthly on day { $day }
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}

## Subject and preheader of a digest

subject-one = { $title } · { $date }
subject-many = { $title } and { $more } more · { $date }
subject-none = { $site }: nothing new · { $date }
preheader-also = Also new today: { $titles }
preheader-alone = What researchers are reading and voting for today.

## The head of a digest

new-papers = { $count ->
    [one] { $count } new paper
   *[other] { $count } new papers
}
nothing-new = Nothing new
nothing-new-says = No paper that you have not had yet is trending today. The next digest comes as usual.
nothing-why = { $why ->
    [nothing-listed] Nothing new was listed since your last digest. The next digest comes as usual.
    [nothing-read] The list of papers could not be read since your last digest; what is on it comes later.
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] No mail came on { $from }: { silence-why }
   *[other] No mail came from { $from } to { $to }: { silence-why }
}
silence-why = { $why ->
    [nothing-listed] nothing new was listed.
    [nothing-read] the list of papers could not be read.
   *[other] nothing on the list was for you.
}
welcome = Welcome!
welcome-says = { $count ->
    [one] To begin with, here is the best of the last days. From now on you get what is new to you, { $rhythm }; a paper never comes twice.
   *[other] To begin with, here are the best papers of the last days. From now on you get what is new to you, { $rhythm }; a paper never comes twice.
}
welcome-choose = Choose topics, another hour, other days, fewer papers
greeting = Good day,
letter-opens = { $count ->
    [one] one paper is new to you today.
   *[other] { $count } papers are new to you today. The most promising comes first.
}

## A paper

votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
stars = { $count ->
    [one] { $count } star
   *[other] { $count } stars
}
authors-more = { $authors } and { $more } more
withdrawn = Withdrawn by its authors.
preview = Preview of no. { $rank }
read-paper = Read the paper
link-paper = Paper page
link-arxiv = arXiv
link-pdf = PDF
link-code = Code
link-project = Project
link-of = { $label }, no. { $rank }
taste-link = More or less like this
taste-says = More or less like one of them? Say so, and what comes next follows:
why-topic = Your topic: { $what }
why-author = By an author you follow: { $what }
why-liked = Because you liked { $what }
why-rising = { $votes ->
    [one] +{ $votes } vote since yesterday
   *[other] +{ $votes } votes since yesterday
}

## Beside the papers

also-new = Also new
more-come = { $count ->
    [one] And { $count } more, which comes with your next digest.
   *[other] And { $count } more, which come with your next digest.
}
related = Related, from earlier
rising = Still rising
rising-says = You have had these; their votes still grow.
gain = { $votes ->
    [one] +{ $votes } vote
   *[other] +{ $votes } votes
}
trend = The trends of the week
trend-rose = Rose
trend-faded = Faded
trend-papers = Most new votes

## The controls

controls = Your digest, your way
control-hour = Another hour
control-topics = Topics
control-pause = Pause
control-less = Less often
control-leave = Unsubscribe
control-browser = Read this mail in a browser
control-all = Change topics, hour, days or size, or pause
sent-to = Sent to { $address } because this address is subscribed to { $site }, { $rhythm }.
reply-with = Or reply to this mail with a line such as { $pause }, { $time }, { $topic }, { $leave } or { $help }.
questions = Questions go to { $contact }.

## Notices

notice-sent-to = Sent to { $address }.
link-works = The link works for { $within }.
not-you = It was not you?
not-you-nothing = Then do nothing: without your yes nothing comes.
or-reply = Or simply reply to this mail, whatever you write.
entered = Somebody entered this address on our site.

confirm-subject = Please confirm: papers from { $site }
confirm-title = Please confirm
confirm-heading = Do you want the day’s papers by mail?
confirm-says = Somebody, we hope you, asked { $site } to send its digests of trending research papers to this address. One press, and the first is on its way.
confirm-says-text = Somebody, we hope you, asked { $site } to send its digests of trending research papers to this address. To say yes, open this page and press the button:
confirm-button = Yes, send them to me

known-subject = You are subscribed to { $site } already
known-heading = You are subscribed already
known-says = Somebody, we hope you, asked for digests to this address. It has a subscription, so there is nothing to confirm. If no digest comes, it may be paused, or there was nothing new.
known-button = See and change what you get

link-subject = Your preferences at { $site }
link-title = Your preferences
link-heading = Here is your page
link-says = On it you choose when digests come and what is in them, pause, move to another address, leave, or have everything erased. Keep the link to yourself: it needs no password.
link-button = Open my preferences
link-why = Somebody asked our site for this link.

goodbye-subject = You have left { $site }
goodbye-heading = You have left
goodbye-says = No more digests come to this address, and no more mail after this one. Thank you for having read along.
goodbye-back = Was that a slip, or somebody else to whom you forwarded a digest? One press brings everything back as it was.
goodbye-back-text = Was that a slip, or somebody else to whom you forwarded a digest? This page brings everything back as it was:
goodbye-button = Subscribe me again
goodbye-why = It was unsubscribed by a link of one of its mails, or at its owner’s wish.

move-subject = Please confirm your new address at { $site }
move-title = Please confirm your new address
move-heading = Shall your digests come here?
move-says = A reader of { $site } asked to have their digests sent to this address from now on.
move-says-text = A reader of { $site } asked to have their digests sent to this address from now on. To say yes, open this page and press the button:
move-button = Yes, send them here
move-why = A reader entered this address on our site.

probe-subject = { $site }: does this reach you?
probe-heading = Does this reach you?
probe-says = Mail from us to this address keeps coming back: the mailbox may be full, or out of order for a while. If you can read this, there is nothing to do: digests come again in a few days.
probe-else = If this mail comes back too, no more will be sent. To get digests at another address, or to leave, open your page.
probe-button = Open my preferences
probe-why = This address is subscribed.

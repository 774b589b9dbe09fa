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
or-reply = Or simply reply to this mail, whatever you write but a no.
entered = Somebody entered this address on our site, or wrote to us in its name.

confirm-subject = Please confirm: papers from { $site }
confirm-title = Please confirm
confirm-heading = Do you want the day’s papers by mail?
confirm-says = Somebody, we hope you, asked { $site } to send its digests of trending research papers to this address. One press, and the first is on its way.
confirm-says-text = Somebody, we hope you, asked { $site } to send its digests of trending research papers to this address. To say yes, open this page and press the button:
confirm-in-part = Not everything in your mail can be done before your yes: please write the rest again afterwards.
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

## Alarms to whoever runs the site; what they are about is English in every language

alarm-subject = { $site } needs you
alarm-heading = Something needs you
alarm-why = The configuration names this address for alarms.

## Questions back, to whoever may not have written what came in

ask-subject = { $site }: was this you?
ask-heading = Was this you?
ask-asks = A mail that names this address as its sender asks for this:
ask-line = { $command }: { $meaning }
ask-says = Anybody can write any sender into a mail, so nothing has changed yet. To say yes, press the button, or simply reply to this mail, whatever you write but a no.
ask-says-text = Anybody can write any sender into a mail, so nothing has changed yet. To say yes, reply to this mail, whatever you write but a no, or open this page and press the button:
ask-button = Yes, that was me
ask-nothing = Then do nothing.

## Answers to mails. Commands stay as they are: they are English in every language

answer-subject = { $site }: { $what }
answer-standing = your subscription
answer-standing-heading = Your subscription
answer-done = done
answer-done-heading = Your mail was read
answer-help = what you can write
answer-help-heading = What you can write
answer-no-reader = this address has no subscription
answer-no-reader-heading = No subscription
answer-no-reader-says = This address has no subscription. If your digests go to another one, write from there; to begin here, write “subscribe”.
answer-too-late = please write once more
answer-too-late-heading = Too late
answer-too-late-says = What you said yes to is too old, or was done before. Write once more what you want; “subscribe” begins a subscription.
answer-unclear = Not understood
answer-unclear-text = Not understood:
answer-unclear-line = “{ $line }”: { $hint }
answer-in-force = In force now
answer-in-force-text = In force now:
answer-see-all = See and change everything
answer-see-all-text = See and change everything:
answer-write = What you can write, one a line, to { $address }:
answer-why = It answers a mail from this address.

## What came of what was asked for

said-paused = No digests until you write “resume”.
said-paused-until = No digests until { $day }.
said-not-ahead = { $day } is not in the future: nothing was paused.
said-resumed = Digests come again.
said-not-paused = Digests were not paused.
said-resent = Your last digest comes once more.
said-resent-before = It was sent again within the last day already.
said-nothing-to-resend = There was no digest yet.
said-nothing-to-confirm = You are subscribed: there is nothing left to confirm.
said-subscribed = You are subscribed.
said-subscribed-already = You are subscribed already.
said-time = Digests come at { $hour }.
said-zone = Your clock is that of { $zone }.
said-rhythm = Digests come { $days }.
said-language = Mails come in this language: { $language }.
said-lines = Lines beside the papers: { $lines }.
said-topics-only = From now on only papers of these topics come: { $topics }
said-topics = Papers of these topics come too: { $topics }
said-no-topic-added = No topic was added: { $why }.
said-no-topics = You have no topics: all papers come.
said-no-such-topic = You have no topic { $topic }. Yours are: { $topics }
said-topic-gone = The topic is gone: { $topic }
said-last-topic-gone = That was the last topic: from now on all papers come.
said-declined = You said no: nothing was changed.
said-done-before = This was done before.
said-unconfirmed = You have not confirmed your subscription yet: reply to the mail that asked.
said-has-left = You have left. Write “subscribe” to come back.
said-no-subscription = There is no subscription that this could change.

## What is in force

setting-paused-until = paused until { $day }
setting-paused = paused until you write “resume”
setting-digests = digests { $rhythm }
setting-digests-then = then digests { $rhythm }
setting-all-papers = all papers, whatever their topic
setting-topic = topic: { $topic }
setting-min-votes = { $count ->
    [one] from { $count } vote on
   *[other] from { $count } votes on
}
setting-lines = lines beside the papers: { $lines }
setting-max-papers = { $count ->
    [one] up to { $count } paper in full
   *[other] up to { $count } papers in full
}
setting-next = the next one: { $when }
date-hour = { $date } at { $hour }
list = { $list }, { $item }
line-rising = rising
line-trend = trend
line-quiet = quiet
line-none = none

## What can be written. The words behind a colon are parts of commands

means-subscribe = begin
means-unsubscribe = no more mail
means-pause = no digests for a while
means-resume = digests again
means-time = the hour of your digests
means-rhythm = the days of your digests
means-zone = your clock
means-language = the language of your mails
means-lines = what comes beside the papers
means-add-topic = papers of this topic too
means-remove-topic = no longer of this topic
means-resend = your last digest once more
means-status = what is in force now
help-subscribe = begin; with topics behind it, only papers of these: subscribe robotics, "flow matching"
help-pause = no digests for a while; also: pause until 2026-12-24
help-rhythm = the days: daily, weekdays, weekly:mon, monthly:1
help-language = the language of your mails: en, de, fr, es, ja, zh
help-lines = what comes beside the papers: rising, trend, quiet or none
help-also = { $does } (or: { $also })

## What was not understood

hint-unknown = a line of your mail is nothing that we know
hint-perhaps = perhaps you mean "{ $command }"
hint-exclude = they exclude each other: write the one that you mean
hint-too-many = one mail may hold { $count } commands: send the others again
hint-name-topic = name the topic: add topic "flow matching"
hint-name-topic-to-remove = name the topic: remove topic "flow matching"
hint-topic = “{ $topic }”: { $what } (at character { $place })
hint-ends-own = it ends the subscription of the address that it comes from; write unsubscribe alone
hint-begins-own = it subscribes the address that it comes from; write subscribe alone
hint-subscribe-alone = to subscribe, write subscribe alone, or topics in quotation marks behind it
hint-no-span = it is neither a span such as 2 weeks nor a day such as until 2026-12-24
hint-settable = what can be set: time, zone, rhythm, language and lines
hint-no-time = it is not a time of day such as 07:30 or 7 pm
hint-no-rhythm = a rhythm is daily, weekdays, weekly, weekly friday, monthly or monthly 15
hint-no-language = a language is en, de, fr, es, ja or zh
hint-no-lines = lines are rising, trend and quiet, or none
hint-name-zone = name a zone such as Europe/Paris
hint-no-zone = there is no time zone “{ $name }”; they have names such as Europe/Paris
hint-no-zone-near = there is no time zone “{ $name }”; perhaps you mean "{ $command }"
hint-until-when = until when? Write a day such as 2026-12-24
hint-no-length = that is no time at all
hint-too-long = that is longer than three years
hint-no-day = “{ $text }” is not a day such as 2026-12-24, 24 December or Monday
hint-not-ahead = { $day } is not to come any more
hint-too-far = { $day } is more than three years away
hint-two-days = { $text } may be a day of two months; write { $one } or { $other }
hint-not-on-calendar = { $text } is not on the calendar
too-many-topics = { $count } topics are too many: { $most } can be

## What is wrong with a topic

slip-too-long = a topic can have { $most } characters, not { $length }
slip-closes-nothing = this parenthesis closes nothing; leave it out
slip-loose-minus = a minus stands right before what is not wanted
slip-open-quote = this quotation mark is not closed; add one after the phrase
slip-open-parenthesis = this parenthesis is not closed
slip-empty = a topic needs a word, such as diffusion
slip-missing-before = a word or phrase is missing before this
slip-missing-at-end = a word or phrase is missing here, at the end
slip-too-deep = parentheses can stand { $most } deep, no deeper
slip-field-in-field = a field cannot stand inside another field’s parentheses
slip-only-has-code = only has:code is known
slip-no-colon = write { $name }>=20, without the colon
slip-no-field = there is no field “{ $name }”: title, abstract, author, org, keyword, votes, stars and has are known; put the words in quotation marks to look for them as they stand
slip-field-alone = { $name }: needs a word or phrase after the colon
slip-too-many-words = a topic can have { $most } words; make two of it
slip-nothing-to-find = there is no letter or digit in this to look for
slip-no-number = a whole number comes right after the sign, as in votes>=20

# Die eigenen Wörter der Mails auf Deutsch.

## Wann Digests kommen

rhythm = { $days } um { $hour } Uhr, { $zone }
rhythm-schedule = „{ $schedule }“, { $zone }
rhythm-schedule-hour = um { $hour } Uhr an den Tagen von „{ $schedule }“, { $zone }
days-daily = täglich
days-weekdays = montags bis freitags
days-weekly = { $day ->
    [mon] montags
    [tue] dienstags
    [wed] mittwochs
    [thu] donnerstags
    [fri] freitags
    [sat] samstags
   *[sun] sonntags
}
days-monthly = monatlich am { $day }.
span-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
span-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
span-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}

## Betreff und Vorschautext

subject-one = { $title } · { $date }
subject-many = { $title } und { $more } weitere · { $date }
subject-none = { $site }: nichts Neues · { $date }
preheader-also = Heute auch neu: { $titles }
preheader-alone = Was Forschende heute lesen und wofür sie stimmen.

## Der Kopf

new-papers = { $count ->
    [one] { $count } neues Paper
   *[other] { $count } neue Papers
}
nothing-new = Nichts Neues
nothing-new-says = Heute ist kein Paper gefragt, das Sie nicht schon bekommen haben. Der nächste Digest kommt wie gewohnt.
nothing-why = { $why ->
    [nothing-listed] Seit Ihrem letzten Digest wurde nichts Neues aufgeführt. Der nächste Digest kommt wie gewohnt.
    [nothing-read] Die Liste der Paper konnte seit Ihrem letzten Digest nicht gelesen werden; was darauf steht, kommt später.
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] Keine Mail am { $from }: { silence-why }
   *[other] Keine Mail von { $from } bis { $to }: { silence-why }
}
silence-why = { $why ->
    [nothing-listed] Es wurde nichts Neues aufgeführt.
    [nothing-read] Die Liste der Paper konnte nicht gelesen werden.
   *[other] Auf der Liste war nichts für Sie.
}
welcome = Willkommen!
welcome-says = { $count ->
    [one] Zum Anfang das beste Paper der letzten Tage. Von jetzt an bekommen Sie, was für Sie neu ist, { $rhythm }; kein Paper kommt zweimal.
   *[other] Zum Anfang die besten Papers der letzten Tage. Von jetzt an bekommen Sie, was für Sie neu ist, { $rhythm }; kein Paper kommt zweimal.
}
welcome-choose = Themen, eine andere Uhrzeit, andere Tage oder weniger Papers wählen
greeting = Guten Tag,
letter-opens = { $count ->
    [one] heute ist ein Paper neu für Sie.
   *[other] heute sind { $count } Papers neu für Sie. Das vielversprechendste steht vorn.
}

## Ein Paper

votes = { $count ->
    [one] { $count } Stimme
   *[other] { $count } Stimmen
}
stars = { $count ->
    [one] { $count } Stern
   *[other] { $count } Sterne
}
authors-more = { $authors } und { $more } weitere
withdrawn = Von den Autorinnen und Autoren zurückgezogen.
preview = Vorschau zu Nr. { $rank }
read-paper = Paper lesen
link-paper = Paper-Seite
link-arxiv = arXiv
link-pdf = PDF
link-code = Code
link-project = Projekt
link-of = { $label }, Nr. { $rank }
taste-link = Mehr oder weniger davon
taste-says = Mehr oder weniger von einem davon? Sagen Sie es, und das Nächste richtet sich danach:
why-topic = Ihr Thema: { $what }
why-author = Von { $what }, dem oder der Sie folgen
why-liked = Weil Ihnen { $what } gefallen hat
why-rising = { $votes ->
    [one] +{ $votes } Stimme seit gestern
   *[other] +{ $votes } Stimmen seit gestern
}

## Neben den Papers

also-new = Auch neu
more-come = { $count ->
    [one] Und { $count } weiteres, das mit dem nächsten Digest kommt.
   *[other] Und { $count } weitere, die mit dem nächsten Digest kommen.
}
related = Verwandtes, von früher
rising = Weiter im Aufwind
rising-says = Die hatten Sie schon; ihre Stimmen nehmen weiter zu.
gain = { $votes ->
    [one] +{ $votes } Stimme
   *[other] +{ $votes } Stimmen
}
trend = Die Trends der Woche
trend-rose = Im Kommen
trend-faded = Im Abklingen
trend-papers = Die meisten neuen Stimmen

## Was sich ändern lässt

controls = Ihr Digest, wie Sie ihn mögen
control-hour = Andere Uhrzeit
control-topics = Themen
control-pause = Pause
control-less = Seltener
control-leave = Abmelden
control-browser = Diese Mail im Browser lesen
control-all = Themen, Uhrzeit, Tage oder Umfang ändern oder pausieren
sent-to = Gesendet an { $address }, weil diese Adresse { $site } abonniert hat, { $rhythm }.
reply-with = Oder antworten Sie auf diese Mail mit einer Zeile wie { $pause }, { $time }, { $topic }, { $leave } oder { $help }.
questions = Fragen gehen an { $contact }.

## Mitteilungen

notice-sent-to = Gesendet an { $address }.
link-works = Der Link gilt { $within } lang.
not-you = Das waren nicht Sie?
not-you-nothing = Dann tun Sie nichts: Ohne Ihr Ja kommt nichts.
or-reply = Oder antworten Sie einfach auf diese Mail, gleich mit welchen Worten.
entered = Jemand hat diese Adresse auf unserer Website eingetragen.

confirm-subject = Bitte bestätigen: Papers von { $site }
confirm-title = Bitte bestätigen
confirm-heading = Möchten Sie die Papers des Tages per Mail?
confirm-says = Jemand, hoffentlich Sie, hat { $site } gebeten, Digests mit gefragten Forschungsarbeiten an diese Adresse zu senden. Ein Klick, und der erste ist unterwegs.
confirm-says-text = Jemand, hoffentlich Sie, hat { $site } gebeten, Digests mit gefragten Forschungsarbeiten an diese Adresse zu senden. Um Ja zu sagen, öffnen Sie diese Seite und drücken den Knopf:
confirm-button = Ja, bitte senden

known-subject = Sie haben { $site } schon abonniert
known-heading = Sie haben schon ein Abo
known-says = Jemand, hoffentlich Sie, hat um Digests an diese Adresse gebeten. Sie hat schon ein Abo, also gibt es nichts zu bestätigen. Kommt kein Digest, so ist es vielleicht pausiert, oder es gab nichts Neues.
known-button = Ansehen und ändern, was kommt

link-subject = Ihre Einstellungen bei { $site }
link-title = Ihre Einstellungen
link-heading = Hier ist Ihre Seite
link-says = Dort wählen Sie, wann Digests kommen und was darin steht, pausieren, ziehen an eine andere Adresse um, melden sich ab oder lassen alles löschen. Behalten Sie den Link für sich: Er braucht kein Passwort.
link-button = Meine Einstellungen öffnen
link-why = Jemand hat unsere Website um diesen Link gebeten.

goodbye-subject = Sie haben sich von { $site } abgemeldet
goodbye-heading = Sie sind abgemeldet
goodbye-says = An diese Adresse kommen keine Digests mehr, und nach dieser Mail auch keine andere. Danke fürs Mitlesen.
goodbye-back = War das ein Versehen, oder war es jemand, dem Sie einen Digest weitergeleitet haben? Ein Klick stellt alles wieder her, wie es war.
goodbye-back-text = War das ein Versehen, oder war es jemand, dem Sie einen Digest weitergeleitet haben? Diese Seite stellt alles wieder her, wie es war:
goodbye-button = Wieder abonnieren
goodbye-why = Die Adresse wurde über den Link einer ihrer Mails abgemeldet, oder auf Wunsch ihrer Besitzerin oder ihres Besitzers.

move-subject = Bitte bestätigen Sie Ihre neue Adresse bei { $site }
move-title = Bitte bestätigen Sie Ihre neue Adresse
move-heading = Sollen Ihre Digests hierher kommen?
move-says = Jemand, der { $site } liest, möchte seine Digests von jetzt an an diese Adresse.
move-says-text = Jemand, der { $site } liest, möchte seine Digests von jetzt an an diese Adresse. Um Ja zu sagen, öffnen Sie diese Seite und drücken den Knopf:
move-button = Ja, hierher senden
move-why = Jemand, der bei uns liest, hat diese Adresse auf unserer Website eingetragen.

probe-subject = { $site }: Kommt das bei Ihnen an?
probe-heading = Kommt das bei Ihnen an?
probe-says = Mails von uns an diese Adresse kommen immer wieder zurück: Das Postfach ist vielleicht voll oder eine Weile gestört. Wenn Sie das lesen können, ist nichts zu tun: In ein paar Tagen kommen wieder Digests.
probe-else = Kommt auch diese Mail zurück, senden wir keine mehr. Um Digests an eine andere Adresse zu bekommen oder sich abzumelden, öffnen Sie Ihre Seite.
probe-button = Meine Einstellungen öffnen
probe-why = Diese Adresse hat ein Abo.

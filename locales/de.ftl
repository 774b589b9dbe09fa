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
or-reply = Oder antworten Sie einfach auf diese Mail, gleich mit welchen Worten, nur nicht mit einem Nein.
entered = Jemand hat diese Adresse auf unserer Website eingetragen oder uns in ihrem Namen geschrieben.

confirm-subject = Bitte bestätigen: Papers von { $site }
confirm-title = Bitte bestätigen
confirm-heading = Möchten Sie die Papers des Tages per Mail?
confirm-says = Jemand, hoffentlich Sie, hat { $site } gebeten, Digests mit gefragten Forschungsarbeiten an diese Adresse zu senden. Ein Klick, und der erste ist unterwegs.
confirm-says-text = Jemand, hoffentlich Sie, hat { $site } gebeten, Digests mit gefragten Forschungsarbeiten an diese Adresse zu senden. Um Ja zu sagen, öffnen Sie diese Seite und drücken den Knopf:
confirm-in-part = Nicht alles aus Ihrer Mail geht schon vor Ihrem Ja: Bitte schreiben Sie das Übrige danach noch einmal.
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

## Meldungen an den Betrieb; worum es geht, steht in jeder Sprache auf Englisch da

alarm-subject = { $site } braucht Sie
alarm-heading = Hier werden Sie gebraucht
alarm-why = Die Konfiguration nennt diese Adresse für Alarme.

## Rückfragen

ask-subject = { $site }: Waren Sie das?
ask-heading = Waren Sie das?
ask-asks = Eine Mail, die diese Adresse als Absender nennt, bittet darum:
ask-line = { $command }: { $meaning }
ask-says = Jeder kann jeden Absender in eine Mail schreiben, deshalb hat sich noch nichts geändert. Um Ja zu sagen, drücken Sie den Knopf oder antworten Sie einfach auf diese Mail, gleich mit welchen Worten, nur nicht mit einem Nein.
ask-says-text = Jeder kann jeden Absender in eine Mail schreiben, deshalb hat sich noch nichts geändert. Um Ja zu sagen, antworten Sie auf diese Mail, gleich mit welchen Worten, nur nicht mit einem Nein, oder öffnen Sie diese Seite und drücken den Knopf:
ask-button = Ja, das war ich
ask-nothing = Dann tun Sie nichts.

## Antworten auf Mails. Befehle bleiben, wie sie sind: Sie sind in jeder Sprache englisch

answer-subject = { $site }: { $what }
answer-standing = Ihr Abo
answer-standing-heading = Ihr Abo
answer-done = erledigt
answer-done-heading = Ihre Mail wurde gelesen
answer-help = was Sie schreiben können
answer-help-heading = Was Sie schreiben können
answer-no-reader = Diese Adresse hat kein Abo
answer-no-reader-heading = Kein Abo
answer-no-reader-says = Diese Adresse hat kein Abo. Gehen Ihre Digests an eine andere, so schreiben Sie von dort; um hier anzufangen, schreiben Sie „subscribe“.
answer-too-late = Bitte schreiben Sie noch einmal
answer-too-late-heading = Zu spät
answer-too-late-says = Wozu Sie Ja gesagt haben, ist zu lange her oder schon erledigt. Schreiben Sie noch einmal, was Sie möchten; mit „subscribe“ beginnt ein Abo.
answer-unclear = Nicht verstanden
answer-unclear-text = Nicht verstanden:
answer-unclear-line = „{ $line }“: { $hint }
answer-in-force = Das gilt jetzt
answer-in-force-text = Das gilt jetzt:
answer-see-all = Alles ansehen und ändern
answer-see-all-text = Alles ansehen und ändern:
answer-write = Was Sie an { $address } schreiben können, ein Befehl je Zeile:
answer-why = Diese Mail antwortet auf eine von dieser Adresse.

## Was daraus geworden ist

said-paused = Keine Digests, bis Sie „resume“ schreiben.
said-paused-until = Keine Digests bis { $day }.
said-not-ahead = { $day } liegt nicht in der Zukunft: Es wurde nichts pausiert.
said-resumed = Es kommen wieder Digests.
said-not-paused = Die Digests waren nicht pausiert.
said-resent = Ihr letzter Digest kommt noch einmal.
said-resent-before = Er wurde innerhalb des letzten Tages schon noch einmal gesendet.
said-nothing-to-resend = Es gab noch keinen Digest.
said-nothing-to-confirm = Ihr Abo läuft: Es gibt nichts mehr zu bestätigen.
said-subscribed = Ihr Abo läuft.
said-subscribed-already = Sie haben schon ein Abo.
said-time = Digests kommen um { $hour } Uhr.
said-zone = Ihre Zeitzone ist jetzt { $zone }.
said-rhythm = Tage Ihrer Digests: { $days }
said-language = Mails kommen in dieser Sprache: { $language }.
said-lines = Zeilen neben den Papers: { $lines }.
said-topics-only = Ab jetzt kommen nur noch Papers zu diesen Themen: { $topics }
said-topics = Auch Papers zu diesen Themen kommen: { $topics }
said-no-topic-added = Es kam kein Thema dazu: { $why }.
said-no-topics = Sie haben keine Themen: Es kommen alle Papers.
said-no-such-topic = Ein Thema { $topic } haben Sie nicht. Ihre Themen: { $topics }
said-topic-gone = Das Thema ist gestrichen: { $topic }
said-last-topic-gone = Das war das letzte Thema: Von jetzt an kommen alle Papers.
said-declined = Sie haben Nein gesagt: Es wurde nichts geändert.
said-done-before = Das war schon erledigt.
said-unconfirmed = Sie haben Ihr Abo noch nicht bestätigt: Antworten Sie auf die Mail, die danach fragt.
said-has-left = Sie sind abgemeldet. Schreiben Sie „subscribe“, um zurückzukommen.
said-no-subscription = Es gibt kein Abo, an dem sich das ändern ließe.

## Was gilt

setting-paused-until = pausiert bis { $day }
setting-paused = pausiert, bis Sie „resume“ schreiben
setting-digests = Digests { $rhythm }
setting-digests-then = danach Digests { $rhythm }
setting-all-papers = alle Papers, gleich zu welchem Thema
setting-topic = Thema: { $topic }
setting-min-votes = { $count ->
    [one] ab { $count } Stimme
   *[other] ab { $count } Stimmen
}
setting-lines = Zeilen neben den Papers: { $lines }
setting-max-papers = { $count ->
    [one] höchstens { $count } Paper in voller Länge
   *[other] höchstens { $count } Papers in voller Länge
}
setting-next = der nächste: { $when }
date-hour = { $date } um { $hour } Uhr
list = { $list }, { $item }
line-rising = weiter im Aufwind
line-trend = Trends der Woche
line-quiet = ruhige Tage
line-none = keine

## Was sich schreiben lässt. Was hinter einem Doppelpunkt steht, sind Teile von Befehlen

means-subscribe = ein Abo beginnen
means-unsubscribe = keine Mails mehr
means-pause = eine Weile keine Digests
means-resume = wieder Digests
means-time = die Uhrzeit Ihrer Digests
means-rhythm = die Tage Ihrer Digests
means-zone = Ihre Zeitzone
means-language = die Sprache Ihrer Mails
means-lines = was neben den Papers steht
means-add-topic = auch Papers zu diesem Thema
means-remove-topic = nicht mehr zu diesem Thema
means-resend = Ihr letzter Digest noch einmal
means-status = was jetzt gilt
help-subscribe = ein Abo beginnen; mit Themen dahinter nur Papers zu diesen: subscribe robotics, "flow matching"
help-pause = eine Weile keine Digests; auch so: pause until 2026-12-24
help-rhythm = die Tage: daily (täglich), weekdays (montags bis freitags), weekly:mon, monthly:1
help-language = die Sprache Ihrer Mails: en, de, fr, es, ja, zh
help-lines = was neben den Papers steht: rising (weiter im Aufwind), trend (Trends der Woche), quiet (ruhige Tage) oder none (nichts)
help-also = { $does } (oder: { $also })

## Was nicht verstanden wurde

hint-unknown = eine Zeile Ihrer Mail ist nichts, was wir kennen
hint-perhaps = vielleicht meinen Sie „{ $command }“
hint-exclude = beides zugleich geht nicht: Schreiben Sie das, was Sie meinen
hint-too-many = eine Mail darf { $count } Befehle enthalten: Senden Sie die anderen noch einmal
hint-name-topic = nennen Sie das Thema: add topic "flow matching"
hint-name-topic-to-remove = nennen Sie das Thema: remove topic "flow matching"
hint-topic = „{ $topic }“: { $what } (beim { $place }. Zeichen)
hint-ends-own = das beendet nur das Abo der Adresse, von der es kommt; schreiben Sie allein unsubscribe
hint-begins-own = das meldet nur die Adresse an, von der es kommt; schreiben Sie allein subscribe
hint-subscribe-alone = um sich anzumelden, schreiben Sie allein subscribe, oder dahinter Themen in Anführungszeichen
hint-no-span = das ist weder eine Dauer wie „2 weeks“ noch ein Tag wie „until 2026-12-24“
hint-settable = einstellen lassen sich: time (Uhrzeit), zone (Zeitzone), rhythm (Tage), language (Sprache) und lines (Zeilen)
hint-no-time = das ist keine Uhrzeit wie 07:30
hint-no-rhythm = die Tage sind daily, weekdays, weekly, weekly friday, monthly oder monthly 15
hint-no-language = die Sprachen sind en, de, fr, es, ja und zh
hint-no-lines = die Zeilen sind rising, trend und quiet, oder none
hint-name-zone = nennen Sie eine Zeitzone wie Europe/Paris
hint-no-zone = es gibt keine Zeitzone „{ $name }“; sie heißen etwa Europe/Paris
hint-no-zone-near = es gibt keine Zeitzone „{ $name }“; vielleicht meinen Sie „{ $command }“
hint-until-when = bis wann? Schreiben Sie einen Tag wie 2026-12-24
hint-no-length = das ist gar keine Zeit
hint-too-long = das ist länger als drei Jahre
hint-no-day = „{ $text }“ ist kein Tag wie 2026-12-24 oder 24. Dezember
hint-not-ahead = { $day } liegt nicht mehr in der Zukunft
hint-too-far = bis { $day } sind es mehr als drei Jahre
hint-two-days = { $text } kann ein Tag in zwei Monaten sein; schreiben Sie { $one } oder { $other }
hint-not-on-calendar = { $text } steht nicht im Kalender
too-many-topics = { $count } Themen sind zu viele: { $most } können es sein

## Was an einem Thema nicht stimmt

slip-too-long = ein Thema kann { $most } Zeichen haben, nicht { $length }
slip-closes-nothing = diese Klammer schließt nichts; lassen Sie sie weg
slip-loose-minus = ein Minus steht unmittelbar vor dem, was nicht erwünscht ist
slip-open-quote = dieses Anführungszeichen wird nicht geschlossen; setzen Sie eines hinter die Wortfolge
slip-open-parenthesis = diese Klammer wird nicht geschlossen
slip-empty = ein Thema braucht ein Wort, etwa diffusion
slip-missing-before = davor fehlt ein Wort oder eine Wortfolge
slip-missing-at-end = hier am Ende fehlt ein Wort oder eine Wortfolge
slip-too-deep = Klammern können { $most } Stufen tief stehen, nicht tiefer
slip-field-in-field = ein Feld kann nicht in den Klammern eines anderen stehen
slip-only-has-code = nur has:code ist bekannt
slip-no-colon = schreiben Sie { $name }>=20, ohne den Doppelpunkt
slip-no-field = es gibt kein Feld „{ $name }“; bekannt sind title, abstract, author, org, keyword, votes, stars und has. Setzen Sie die Wörter in Anführungszeichen, um sie so zu suchen, wie sie dastehen
slip-field-alone = hinter { $name }: fehlt ein Wort oder eine Wortfolge
slip-too-many-words = ein Thema kann { $most } Wörter haben; machen Sie zwei daraus
slip-nothing-to-find = darin ist kein Buchstabe und keine Ziffer, nach der sich suchen ließe
slip-no-number = gleich hinter dem Zeichen steht eine ganze Zahl, wie in votes>=20

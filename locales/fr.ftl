# Les mots propres aux courriels, en français.

## Le rythme

rhythm = { $days } à { $hour }, { $zone }
rhythm-schedule = « { $schedule } », { $zone }
rhythm-schedule-hour = à { $hour } les jours de « { $schedule } », { $zone }
days-daily = tous les jours
days-weekdays = du lundi au vendredi
days-weekly = { $day ->
    [mon] le lundi
    [tue] le mardi
    [wed] le mercredi
    [thu] le jeudi
    [fri] le vendredi
    [sat] le samedi
   *[sun] le dimanche
}
days-monthly = le { $day } de chaque mois
span-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
span-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}

## L’objet et l’aperçu

subject-one = { $title } · { $date }
subject-many = { $title } et { $more ->
    [one] { $more } autre
   *[other] { $more } autres
} · { $date }
subject-none = { $site } : rien de nouveau · { $date }
preheader-also = Aussi nouveaux aujourd’hui : { $titles }
preheader-alone = Ce que les chercheurs lisent et soutiennent aujourd’hui.

## L’en-tête

new-papers = { $count ->
    [one] { $count } nouvel article
   *[other] { $count } nouveaux articles
}
nothing-new = Rien de nouveau
nothing-new-says = Aucun article que vous n’ayez déjà reçu n’est en vogue aujourd’hui. Le prochain envoi arrive comme d’habitude.
nothing-why = { $why ->
    [nothing-listed] Rien de nouveau n’a été publié dans la liste depuis votre dernier envoi. Le prochain arrive comme d’habitude.
    [nothing-read] La liste des articles n’a pas pu être lue depuis votre dernier envoi ; ce qu’elle contient viendra plus tard.
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] Aucun message le { $from } : { silence-why }
   *[other] Aucun message du { $from } au { $to } : { silence-why }
}
silence-why = { $why ->
    [nothing-listed] rien de nouveau dans la liste.
    [nothing-read] la liste des articles n’a pas pu être lue.
   *[other] rien dans la liste n’était pour vous.
}
welcome = Bienvenue !
welcome-says = { $count ->
    [one] Pour commencer, voici le meilleur article des derniers jours. Désormais, vous recevez ce qui est nouveau pour vous, { $rhythm } ; un article ne vient jamais deux fois.
   *[other] Pour commencer, voici les meilleurs articles des derniers jours. Désormais, vous recevez ce qui est nouveau pour vous, { $rhythm } ; un article ne vient jamais deux fois.
}
welcome-choose = Choisir des sujets, une autre heure, d’autres jours, moins d’articles
greeting = Bonjour,
letter-opens = { $count ->
    [one] un article est nouveau pour vous aujourd’hui.
   *[other] { $count } articles sont nouveaux pour vous aujourd’hui. Le plus prometteur vient en premier.
}

## Un article

votes = { $count ->
    [one] { $count } vote
   *[other] { $count } votes
}
stars = { $count ->
    [one] { $count } étoile
   *[other] { $count } étoiles
}
authors-more = { $authors } et { $more ->
    [one] { $more } autre
   *[other] { $more } autres
}
withdrawn = Retiré par ses auteurs.
preview = Aperçu du n° { $rank }
read-paper = Lire l’article
link-paper = Page de l’article
link-arxiv = arXiv
link-pdf = PDF
link-code = Code
link-project = Projet
link-of = { $label }, n° { $rank }
taste-link = Plus ou moins comme celui-ci
taste-says = Plus ou moins comme l’un d’eux ? Dites-le, et la suite en tiendra compte :
why-topic = Votre sujet : { $what }
why-author = D’un auteur que vous suivez : { $what }
why-liked = Parce que vous avez aimé { $what }
why-rising = { $votes ->
    [one] +{ $votes } vote depuis hier
   *[other] +{ $votes } votes depuis hier
}

## À côté des articles

also-new = Également nouveaux
more-come = { $count ->
    [one] Et { $count } autre, qui viendra avec le prochain envoi.
   *[other] Et { $count } autres, qui viendront avec le prochain envoi.
}
related = Dans le même domaine, plus anciens
rising = Toujours en hausse
rising-says = Vous les avez déjà reçus ; leurs votes augmentent encore.
gain = { $votes ->
    [one] +{ $votes } vote
   *[other] +{ $votes } votes
}
trend = Les tendances de la semaine
trend-rose = En hausse
trend-faded = En baisse
trend-papers = Le plus de nouveaux votes

## Les réglages

controls = Votre envoi, à votre façon
control-hour = Autre heure
control-topics = Sujets
control-pause = Pause
control-less = Moins souvent
control-leave = Se désabonner
control-browser = Lire ce courriel dans un navigateur
control-all = Changer les sujets, l’heure, les jours ou la taille, ou faire une pause
sent-to = Envoyé à { $address } car cette adresse est abonnée à { $site }, { $rhythm }.
reply-with = Ou répondez à ce courriel par une ligne telle que { $pause }, { $time }, { $topic }, { $leave } ou { $help }.
questions = Pour toute question : { $contact }.

## Les avis

notice-sent-to = Envoyé à { $address }.
link-works = Le lien fonctionne pendant { $within }.
not-you = Ce n’était pas vous ?
not-you-nothing = Alors ne faites rien : sans votre oui, rien ne vient.
or-reply = Ou répondez simplement à ce courriel, peu importe ce que vous écrivez, sauf un non.
entered = Quelqu’un a saisi cette adresse sur notre site ou nous a écrit en son nom.

confirm-subject = Veuillez confirmer : les articles de { $site }
confirm-title = Veuillez confirmer
confirm-heading = Voulez-vous les articles du jour par courriel ?
confirm-says = Quelqu’un (vous, espérons-le) a demandé à { $site } d’envoyer à cette adresse ses sélections d’articles de recherche en vogue. Un clic, et la première est en route.
confirm-says-text = Quelqu’un (vous, espérons-le) a demandé à { $site } d’envoyer à cette adresse ses sélections d’articles de recherche en vogue. Pour dire oui, ouvrez cette page et appuyez sur le bouton :
confirm-in-part = Votre courriel demande des choses qui doivent attendre votre oui : veuillez les écrire de nouveau ensuite.
confirm-button = Oui, envoyez-les-moi

known-subject = Vous êtes déjà abonné à { $site }
known-heading = Vous êtes déjà abonné
known-says = Quelqu’un (vous, espérons-le) a demandé des envois à cette adresse. Elle est déjà abonnée, il n’y a donc rien à confirmer. Si rien n’arrive, l’abonnement est peut-être en pause, ou il n’y avait rien de nouveau.
known-button = Voir et changer ce que vous recevez

link-subject = Vos préférences sur { $site }
link-title = Vos préférences
link-heading = Voici votre page
link-says = Vous y choisissez quand les envois arrivent et ce qu’ils contiennent, faites une pause, changez d’adresse, vous désabonnez ou faites tout effacer. Gardez le lien pour vous : il ne demande pas de mot de passe.
link-button = Ouvrir mes préférences
link-why = Quelqu’un a demandé ce lien sur notre site.

goodbye-subject = Vous avez quitté { $site }
goodbye-heading = Vous êtes désabonné
goodbye-says = Plus aucun envoi ne vient à cette adresse, ni aucun courriel après celui-ci. Merci de nous avoir lus.
goodbye-back = Était-ce une erreur, ou quelqu’un à qui vous avez transféré un envoi ? Un clic rétablit tout comme avant.
goodbye-back-text = Était-ce une erreur, ou quelqu’un à qui vous avez transféré un envoi ? Cette page rétablit tout comme avant :
goodbye-button = Me réabonner
goodbye-why = Elle a été désabonnée par un lien d’un de ses courriels, ou à la demande de son propriétaire.

move-subject = Veuillez confirmer votre nouvelle adresse sur { $site }
move-title = Veuillez confirmer votre nouvelle adresse
move-heading = Vos envois doivent-ils venir ici ?
move-says = Un lecteur de { $site } a demandé à recevoir désormais ses envois à cette adresse.
move-says-text = Un lecteur de { $site } a demandé à recevoir désormais ses envois à cette adresse. Pour dire oui, ouvrez cette page et appuyez sur le bouton :
move-button = Oui, envoyez-les ici
move-why = Un lecteur a saisi cette adresse sur notre site.

probe-subject = { $site } : recevez-vous ceci ?
probe-heading = Recevez-vous ceci ?
probe-says = Nos courriels à cette adresse nous reviennent sans cesse : la boîte est peut-être pleine, ou en panne pour un temps. Si vous lisez ceci, il n’y a rien à faire : les envois reprennent dans quelques jours.
probe-else = Si ce courriel revient aussi, nous n’en enverrons plus. Pour recevoir les envois à une autre adresse, ou vous désabonner, ouvrez votre page.
probe-button = Ouvrir mes préférences
probe-why = Cette adresse est abonnée.

## Les alertes à qui gère le site ; leur objet est en anglais dans toutes les langues

alarm-subject = { $site } demande votre attention
alarm-heading = Votre intervention est nécessaire
alarm-why = La configuration indique cette adresse pour les alertes.

## Les questions en retour

ask-subject = { $site } : était-ce vous ?
ask-heading = Était-ce vous ?
ask-asks = Un courriel qui indique cette adresse comme expéditeur demande ceci :
ask-line = { $command } : { $meaning }
ask-says = N’importe qui peut écrire n’importe quel expéditeur dans un courriel ; rien n’a donc encore changé. Pour dire oui, appuyez sur le bouton, ou répondez simplement à ce courriel, peu importe ce que vous écrivez, sauf un non.
ask-says-text = N’importe qui peut écrire n’importe quel expéditeur dans un courriel ; rien n’a donc encore changé. Pour dire oui, répondez à ce courriel, peu importe ce que vous écrivez, sauf un non, ou ouvrez cette page et appuyez sur le bouton :
ask-button = Oui, c’était moi
ask-nothing = Alors ne faites rien.

## Les réponses aux courriels. Les commandes restent en anglais dans toutes les langues

answer-subject = { $site } : { $what }
answer-standing = votre abonnement
answer-standing-heading = Votre abonnement
answer-done = c’est fait
answer-done-heading = Votre courriel a été lu
answer-help = ce que vous pouvez écrire
answer-help-heading = Ce que vous pouvez écrire
answer-no-reader = cette adresse n’est pas abonnée
answer-no-reader-heading = Pas d’abonnement
answer-no-reader-says = Cette adresse n’est pas abonnée. Si vos envois arrivent à une autre adresse, écrivez depuis celle-là ; pour commencer ici, écrivez « subscribe ».
answer-too-late = veuillez écrire encore une fois
answer-too-late-heading = Trop tard
answer-too-late-says = Ce à quoi vous avez dit oui est trop ancien, ou a déjà été fait. Écrivez encore une fois ce que vous voulez ; « subscribe » commence un abonnement.
answer-unclear = Pas compris
answer-unclear-text = Pas compris :
answer-unclear-line = « { $line } » : { $hint }
answer-in-force = En vigueur maintenant
answer-in-force-text = En vigueur maintenant :
answer-see-all = Tout voir et tout changer
answer-see-all-text = Tout voir et tout changer :
answer-write = Ce que vous pouvez écrire à { $address }, une commande par ligne :
answer-why = Ce courriel répond à un autre, venu de cette adresse.

## Ce qui a été fait

said-paused = Aucun envoi jusqu’à ce que vous écriviez « resume ».
said-paused-until = Aucun envoi jusqu’au { $day }.
said-not-ahead = Le { $day } n’est pas à venir : rien n’a été mis en pause.
said-resumed = Les envois reprennent.
said-not-paused = Les envois n’étaient pas en pause.
said-resent = Votre dernier envoi arrive encore une fois.
said-resent-before = Il a déjà été renvoyé au cours du dernier jour.
said-nothing-to-resend = Il n’y a pas encore eu d’envoi.
said-nothing-to-confirm = Votre abonnement est en cours : il n’y a plus rien à confirmer.
said-subscribed = Votre abonnement est en cours.
said-subscribed-already = Vous avez déjà un abonnement.
said-time = Les envois arrivent à { $hour }.
said-zone = Votre fuseau horaire est maintenant { $zone }.
said-rhythm = Les envois arrivent { $days }.
said-language = Les courriels arrivent dans cette langue : { $language }.
said-lines = À côté des articles : { $lines }.
said-topics-only = Désormais, seuls les articles de ces sujets arrivent : { $topics }
said-topics = Les articles de ces sujets arrivent aussi : { $topics }
said-no-topic-added = Aucun sujet n’a été ajouté : { $why }.
said-no-topics = Vous n’avez pas de sujets : tous les articles arrivent.
said-no-such-topic = Vous n’avez pas de sujet { $topic }. Les vôtres : { $topics }
said-topic-gone = Le sujet est retiré : { $topic }
said-last-topic-gone = C’était le dernier sujet : désormais, tous les articles arrivent.
said-declined = Vous avez dit non : rien n’a été changé.
said-done-before = C’était déjà fait.
said-unconfirmed = Vous n’avez pas encore confirmé votre abonnement : répondez au courriel qui le demande.
said-has-left = Vous êtes désabonné. Écrivez « subscribe » pour revenir.
said-no-subscription = Il n’y a pas d’abonnement que cela pourrait changer.

## Ce qui est en vigueur

setting-paused-until = en pause jusqu’au { $day }
setting-paused = en pause jusqu’à ce que vous écriviez « resume »
setting-digests = envois { $rhythm }
setting-digests-then = ensuite, envois { $rhythm }
setting-all-papers = tous les articles, quel que soit leur sujet
setting-topic = sujet : { $topic }
setting-min-votes = { $count ->
    [one] à partir de { $count } vote
   *[other] à partir de { $count } votes
}
setting-lines = à côté des articles : { $lines }
setting-max-papers = { $count ->
    [one] au plus { $count } article en entier
   *[other] au plus { $count } articles en entier
}
setting-next = le prochain : { $when }
date-hour = { $date } à { $hour }
list = { $list }, { $item }
line-rising = toujours en hausse
line-trend = tendances de la semaine
line-quiet = jours calmes
line-none = rien

## Ce qui peut s’écrire. Après les deux-points viennent des parties de commandes

means-subscribe = commencer un abonnement
means-unsubscribe = plus aucun courriel
means-pause = aucun envoi pendant un temps
means-resume = de nouveau des envois
means-time = l’heure de vos envois
means-rhythm = les jours de vos envois
means-zone = votre fuseau horaire
means-language = la langue de vos courriels
means-lines = ce qui vient à côté des articles
means-add-topic = aussi les articles de ce sujet
means-remove-topic = plus d’articles de ce sujet
means-resend = votre dernier envoi encore une fois
means-status = ce qui est en vigueur maintenant
help-subscribe = commencer un abonnement ; suivi de sujets, seulement leurs articles : subscribe robotics, "flow matching"
help-pause = aucun envoi pendant un temps ; ou bien : pause until 2026-12-24
help-rhythm = les jours : daily (tous les jours), weekdays (du lundi au vendredi), weekly:mon, monthly:1
help-language = la langue de vos courriels : en, de, fr, es, ja, zh
help-lines = ce qui vient à côté des articles : rising (toujours en hausse), trend (tendances de la semaine), quiet (jours calmes) ou none (rien)
help-also = { $does } (ou : { $also })

## Ce qui n’a pas été compris

hint-unknown = une ligne de votre courriel n’est rien que nous connaissions
hint-perhaps = vous vouliez peut-être dire « { $command } »
hint-exclude = l’un exclut l’autre : écrivez celui que vous voulez
hint-too-many = un courriel peut contenir { $count } commandes : renvoyez les autres
hint-name-topic = nommez le sujet : add topic "flow matching"
hint-name-topic-to-remove = nommez le sujet : remove topic "flow matching"
hint-topic = « { $topic } » : { $what } (caractère { $place })
hint-ends-own = cela met fin à l’abonnement de l’adresse d’où vient le courriel ; écrivez unsubscribe seul
hint-begins-own = cela abonne l’adresse d’où vient le courriel ; écrivez subscribe seul
hint-subscribe-alone = pour vous abonner, écrivez subscribe seul, ou suivi de sujets entre guillemets
hint-no-span = ce n’est ni une durée comme « 2 weeks » ni un jour comme « until 2026-12-24 »
hint-settable = ce qui se règle : time (heure), zone (fuseau), rhythm (jours), language (langue) et lines (à côté des articles)
hint-no-time = ce n’est pas une heure comme 07:30
hint-no-rhythm = les jours sont daily, weekdays, weekly, weekly friday, monthly ou monthly 15
hint-no-language = les langues sont en, de, fr, es, ja et zh
hint-no-lines = ce qui vient à côté : rising, trend et quiet, ou none
hint-name-zone = nommez un fuseau tel que Europe/Paris
hint-no-zone = il n’y a pas de fuseau « { $name } » ; leurs noms sont comme Europe/Paris
hint-no-zone-near = il n’y a pas de fuseau « { $name } » ; vous vouliez peut-être dire « { $command } »
hint-until-when = jusqu’à quand ? Écrivez un jour comme 2026-12-24
hint-no-length = cela ne dure pas du tout
hint-too-long = c’est plus de trois ans
hint-no-day = « { $text } » n’est pas un jour comme 2026-12-24 ou 24 décembre
hint-not-ahead = le { $day } n’est plus à venir
hint-too-far = le { $day } est dans plus de trois ans
hint-two-days = { $text } peut être un jour de deux mois ; écrivez { $one } ou { $other }
hint-not-on-calendar = { $text } n’est pas dans le calendrier
too-many-topics = { $count ->
    [one] { $count } sujet, c’est trop : il peut y en avoir { $most }
   *[other] { $count } sujets, c’est trop : il peut y en avoir { $most }
}

## Ce qui ne va pas dans un sujet

slip-too-long = un sujet peut avoir { $most } caractères, pas { $length }
slip-closes-nothing = cette parenthèse ne ferme rien ; enlevez-la
slip-loose-minus = un signe moins se place juste devant ce qui n’est pas voulu
slip-open-quote = ce guillemet n’est pas fermé ; ajoutez-en un après l’expression
slip-open-parenthesis = cette parenthèse n’est pas fermée
slip-empty = il faut un mot à un sujet, par exemple diffusion
slip-missing-before = il manque un mot ou une expression avant ceci
slip-missing-at-end = il manque un mot ou une expression ici, à la fin
slip-too-deep = les parenthèses peuvent s’emboîter sur { $most } niveaux, pas plus
slip-field-in-field = un champ ne peut pas se trouver dans les parenthèses d’un autre
slip-only-has-code = seul has:code est connu
slip-no-colon = écrivez { $name }>=20, sans les deux-points
slip-no-field = il n’y a pas de champ « { $name } » ; on connaît title, abstract, author, org, keyword, votes, stars et has. Mettez les mots entre guillemets pour les chercher tels quels
slip-field-alone = il faut un mot ou une expression après { $name }:
slip-too-many-words = un sujet peut avoir { $most } mots ; faites-en deux
slip-nothing-to-find = il n’y a là ni lettre ni chiffre à chercher
slip-no-number = un nombre entier suit immédiatement le signe, comme dans votes>=20

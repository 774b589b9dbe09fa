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
or-reply = Ou répondez simplement à ce courriel, peu importe ce que vous écrivez.
entered = Quelqu’un a saisi cette adresse sur notre site.

confirm-subject = Veuillez confirmer : les articles de { $site }
confirm-title = Veuillez confirmer
confirm-heading = Voulez-vous les articles du jour par courriel ?
confirm-says = Quelqu’un (vous, espérons-le) a demandé à { $site } d’envoyer à cette adresse ses sélections d’articles de recherche en vogue. Un clic, et la première est en route.
confirm-says-text = Quelqu’un (vous, espérons-le) a demandé à { $site } d’envoyer à cette adresse ses sélections d’articles de recherche en vogue. Pour dire oui, ouvrez cette page et appuyez sur le bouton :
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

# Las palabras propias de los correos, en español.

## El ritmo

rhythm = { $days } a las { $hour }, { $zone }
rhythm-schedule = «{ $schedule }», { $zone }
rhythm-schedule-hour = a las { $hour } los días de «{ $schedule }», { $zone }
days-daily = todos los días
days-weekdays = de lunes a viernes
days-weekly = { $day ->
    [mon] los lunes
    [tue] los martes
    [wed] los miércoles
    [thu] los jueves
    [fri] los viernes
    [sat] los sábados
   *[sun] los domingos
}
days-monthly = el día { $day } de cada mes
span-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
span-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
span-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}

## El asunto y el avance

subject-one = { $title } · { $date }
subject-many = { $title } y { $more } más · { $date }
subject-none = { $site }: nada nuevo · { $date }
preheader-also = También nuevos hoy: { $titles }
preheader-alone = Lo que los investigadores leen y votan hoy.

## La cabecera

new-papers = { $count ->
    [one] { $count } artículo nuevo
   *[other] { $count } artículos nuevos
}
nothing-new = Nada nuevo
nothing-new-says = Hoy no es tendencia ningún artículo que no haya recibido ya. El próximo boletín llegará como siempre.
nothing-why = { $why ->
    [nothing-listed] No se ha publicado nada nuevo en la lista desde su último boletín. El próximo llegará como siempre.
    [nothing-read] No se ha podido leer la lista de artículos desde su último boletín; lo que contenga llegará más tarde.
   *[other] { nothing-new-says }
}
silence = { $days ->
    [1] Sin correo el { $from }: { silence-why }
   *[other] Sin correo del { $from } al { $to }: { silence-why }
}
silence-why = { $why ->
    [nothing-listed] no había nada nuevo en la lista.
    [nothing-read] no se pudo leer la lista de artículos.
   *[other] nada de la lista era para usted.
}
welcome = ¡Bienvenida, bienvenido!
welcome-says = { $count ->
    [one] Para empezar, aquí está el mejor artículo de los últimos días. Desde ahora recibirá lo que sea nuevo para usted, { $rhythm }; un artículo nunca llega dos veces.
   *[other] Para empezar, aquí están los mejores artículos de los últimos días. Desde ahora recibirá lo que sea nuevo para usted, { $rhythm }; un artículo nunca llega dos veces.
}
welcome-choose = Elegir temas, otra hora, otros días, menos artículos
greeting = Buenos días:
letter-opens = { $count ->
    [one] hoy hay un artículo nuevo para usted.
   *[other] hoy hay { $count } artículos nuevos para usted. El más prometedor va primero.
}

## Un artículo

votes = { $count ->
    [one] { $count } voto
   *[other] { $count } votos
}
stars = { $count ->
    [one] { $count } estrella
   *[other] { $count } estrellas
}
authors-more = { $authors } y { $more } más
withdrawn = Retirado por sus autores.
preview = Vista previa del n.º { $rank }
read-paper = Leer el artículo
link-paper = Página del artículo
link-arxiv = arXiv
link-pdf = PDF
link-code = Código
link-project = Proyecto
link-of = { $label }, n.º { $rank }
taste-link = Más o menos como este
taste-says = ¿Más o menos como uno de ellos? Dígalo, y lo siguiente lo tendrá en cuenta:
why-topic = Su tema: { $what }
why-author = De un autor al que sigue: { $what }
why-liked = Porque le gustó { $what }
why-rising = { $votes ->
    [one] +{ $votes } voto desde ayer
   *[other] +{ $votes } votos desde ayer
}

## Junto a los artículos

also-new = También nuevos
more-come = { $count ->
    [one] Y { $count } más, que llegará con el próximo boletín.
   *[other] Y { $count } más, que llegarán con el próximo boletín.
}
related = Relacionados, de antes
rising = Siguen subiendo
rising-says = Ya los recibió; sus votos siguen creciendo.
gain = { $votes ->
    [one] +{ $votes } voto
   *[other] +{ $votes } votos
}
trend = Las tendencias de la semana
trend-rose = Suben
trend-faded = Bajan
trend-papers = Más votos nuevos

## Los ajustes

controls = Su boletín, a su manera
control-hour = Otra hora
control-topics = Temas
control-pause = Pausa
control-less = Menos a menudo
control-leave = Darse de baja
control-browser = Leer este correo en un navegador
control-all = Cambiar temas, hora, días o tamaño, o hacer una pausa
sent-to = Enviado a { $address } porque esta dirección está suscrita a { $site }, { $rhythm }.
reply-with = O responda a este correo con una línea como { $pause }, { $time }, { $topic }, { $leave } o { $help }.
questions = Para cualquier pregunta: { $contact }.

## Los avisos

notice-sent-to = Enviado a { $address }.
link-works = El enlace funciona durante { $within }.
not-you = ¿No fue usted?
not-you-nothing = Entonces no haga nada: sin su sí no llega nada.
or-reply = O simplemente responda a este correo, escriba lo que escriba.
entered = Alguien introdujo esta dirección en nuestro sitio.

confirm-subject = Confirme, por favor: los artículos de { $site }
confirm-title = Confirme, por favor
confirm-heading = ¿Quiere los artículos del día por correo?
confirm-says = Alguien, esperamos que usted, pidió a { $site } que envíe a esta dirección sus boletines de artículos de investigación en tendencia. Un clic, y el primero está en camino.
confirm-says-text = Alguien, esperamos que usted, pidió a { $site } que envíe a esta dirección sus boletines de artículos de investigación en tendencia. Para decir que sí, abra esta página y pulse el botón:
confirm-button = Sí, envíenmelos

known-subject = Ya tiene una suscripción a { $site }
known-heading = Ya tiene una suscripción
known-says = Alguien, esperamos que usted, pidió boletines para esta dirección. Ya tiene una suscripción, así que no hay nada que confirmar. Si no llega ningún boletín, puede estar en pausa, o no hubo nada nuevo.
known-button = Ver y cambiar lo que recibe

link-subject = Sus preferencias en { $site }
link-title = Sus preferencias
link-heading = Aquí está su página
link-says = En ella elige cuándo llegan los boletines y qué contienen, hace una pausa, cambia de dirección, se da de baja o hace que se borre todo. Guárdese el enlace: no necesita contraseña.
link-button = Abrir mis preferencias
link-why = Alguien pidió este enlace en nuestro sitio.

goodbye-subject = Se ha dado de baja de { $site }
goodbye-heading = Se ha dado de baja
goodbye-says = No llegarán más boletines a esta dirección, ni más correo después de este. Gracias por habernos leído.
goodbye-back = ¿Fue un descuido, o alguien a quien reenvió un boletín? Un clic lo devuelve todo a como estaba.
goodbye-back-text = ¿Fue un descuido, o alguien a quien reenvió un boletín? Esta página lo devuelve todo a como estaba:
goodbye-button = Suscribirme de nuevo
goodbye-why = Se dio de baja con un enlace de uno de sus correos, o a petición de su dueño.

move-subject = Confirme, por favor, su nueva dirección en { $site }
move-title = Confirme, por favor, su nueva dirección
move-heading = ¿Deben llegar aquí sus boletines?
move-says = Alguien que lee { $site } pidió recibir desde ahora sus boletines en esta dirección.
move-says-text = Alguien que lee { $site } pidió recibir desde ahora sus boletines en esta dirección. Para decir que sí, abra esta página y pulse el botón:
move-button = Sí, envíenlos aquí
move-why = Alguien que nos lee introdujo esta dirección en nuestro sitio.

probe-subject = { $site }: ¿le llega esto?
probe-heading = ¿Le llega esto?
probe-says = Nuestros correos a esta dirección vuelven una y otra vez: el buzón puede estar lleno, o averiado por un tiempo. Si puede leer esto, no hay nada que hacer: los boletines vuelven en unos días.
probe-else = Si este correo también vuelve, no enviaremos más. Para recibir los boletines en otra dirección, o darse de baja, abra su página.
probe-button = Abrir mis preferencias
probe-why = Esta dirección está suscrita.

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
or-reply = O simplemente responda a este correo, escriba lo que escriba, salvo un no.
entered = Alguien introdujo esta dirección en nuestro sitio o nos escribió en su nombre.

confirm-subject = Confirme, por favor: los artículos de { $site }
confirm-title = Confirme, por favor
confirm-heading = ¿Quiere los artículos del día por correo?
confirm-says = Alguien, esperamos que usted, pidió a { $site } que envíe a esta dirección sus boletines de artículos de investigación en tendencia. Un clic, y el primero está en camino.
confirm-says-text = Alguien, esperamos que usted, pidió a { $site } que envíe a esta dirección sus boletines de artículos de investigación en tendencia. Para decir que sí, abra esta página y pulse el botón:
confirm-in-part = No todo lo que pide su correo puede hacerse antes de su sí: después, escriba de nuevo el resto, por favor.
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

## Las alarmas a quien lleva el sitio; de qué tratan está en inglés en todos los idiomas

alarm-subject = { $site } necesita su atención
alarm-heading = Hace falta su intervención
alarm-why = La configuración indica esta dirección para las alarmas.

## Las preguntas de vuelta

ask-subject = { $site }: ¿fue usted?
ask-heading = ¿Fue usted?
ask-asks = Un correo que nombra esta dirección como remitente pide esto:
ask-line = { $command }: { $meaning }
ask-says = Cualquiera puede escribir cualquier remitente en un correo, así que todavía no ha cambiado nada. Para decir que sí, pulse el botón, o simplemente responda a este correo, escriba lo que escriba, salvo un no.
ask-says-text = Cualquiera puede escribir cualquier remitente en un correo, así que todavía no ha cambiado nada. Para decir que sí, responda a este correo, escriba lo que escriba, salvo un no, o abra esta página y pulse el botón:
ask-button = Sí, fui yo
ask-nothing = Entonces no haga nada.

## Las respuestas a correos. Las órdenes quedan como son: están en inglés en todos los idiomas

answer-subject = { $site }: { $what }
answer-standing = su suscripción
answer-standing-heading = Su suscripción
answer-done = hecho
answer-done-heading = Su correo se ha leído
answer-help = lo que puede escribir
answer-help-heading = Lo que puede escribir
answer-no-reader = esta dirección no tiene suscripción
answer-no-reader-heading = Sin suscripción
answer-no-reader-says = Esta dirección no tiene suscripción. Si sus boletines llegan a otra, escriba desde ella; para empezar aquí, escriba «subscribe».
answer-too-late = escriba otra vez, por favor
answer-too-late-heading = Demasiado tarde
answer-too-late-says = Aquello a lo que dijo que sí es demasiado antiguo, o ya se hizo. Escriba otra vez lo que quiere; con «subscribe» empieza una suscripción.
answer-unclear = No se ha entendido
answer-unclear-text = No se ha entendido:
answer-unclear-line = «{ $line }»: { $hint }
answer-in-force = Vigente ahora
answer-in-force-text = Vigente ahora:
answer-see-all = Verlo y cambiarlo todo
answer-see-all-text = Verlo y cambiarlo todo:
answer-write = Lo que puede escribir a { $address }, una orden por línea:
answer-why = Este correo responde a otro enviado desde esta dirección.

## Lo que se ha hecho

said-paused = No llegarán boletines hasta que escriba «resume».
said-paused-until = No llegarán boletines hasta el { $day }.
said-not-ahead = El { $day } no está en el futuro: no se ha pausado nada.
said-resumed = Los boletines vuelven a llegar.
said-not-paused = Los boletines no estaban en pausa.
said-resent = Su último boletín llegará una vez más.
said-resent-before = Ya se envió de nuevo en el último día.
said-nothing-to-resend = Todavía no ha habido ningún boletín.
said-nothing-to-confirm = Su suscripción está en marcha: no queda nada que confirmar.
said-subscribed = Su suscripción está en marcha.
said-subscribed-already = Ya tiene una suscripción.
said-time = Los boletines llegan a las { $hour }.
said-zone = Su zona horaria es ahora { $zone }.
said-rhythm = Los boletines llegan { $days }.
said-language = Los correos llegan en este idioma: { $language }.
said-lines = Junto a los artículos: { $lines }.
said-topics-only = Desde ahora solo llegan los artículos de estos temas: { $topics }
said-topics = Llegarán también los artículos de estos temas: { $topics }
said-no-topic-added = No se ha añadido ningún tema: { $why }.
said-no-topics = No tiene temas: llegan todos los artículos.
said-no-such-topic = No tiene el tema { $topic }. Los suyos son: { $topics }
said-topic-gone = El tema se ha quitado: { $topic }
said-last-topic-gone = Era el último tema: desde ahora llegan todos los artículos.
said-declined = Usted dijo que no: no se ha cambiado nada.
said-done-before = Ya se hizo antes.
said-unconfirmed = Todavía no ha confirmado su suscripción: responda al correo que lo pregunta.
said-has-left = Se ha dado de baja. Escriba «subscribe» para volver.
said-no-subscription = No hay ninguna suscripción que esto pueda cambiar.

## Lo que está vigente

setting-paused-until = en pausa hasta el { $day }
setting-paused = en pausa hasta que escriba «resume»
setting-digests = boletines { $rhythm }
setting-digests-then = después, boletines { $rhythm }
setting-all-papers = todos los artículos, sea cual sea su tema
setting-topic = tema: { $topic }
setting-min-votes = { $count ->
    [one] a partir de { $count } voto
   *[other] a partir de { $count } votos
}
setting-lines = junto a los artículos: { $lines }
setting-max-papers = { $count ->
    [one] hasta { $count } artículo completo
   *[other] hasta { $count } artículos completos
}
setting-next = el próximo: { $when }
date-hour = { $date } a las { $hour }
list = { $list }, { $item }
line-rising = siguen subiendo
line-trend = tendencias de la semana
line-quiet = días tranquilos
line-none = nada

## Lo que se puede escribir. Tras los dos puntos van partes de órdenes

means-subscribe = empezar una suscripción
means-unsubscribe = ningún correo más
means-pause = sin boletines por un tiempo
means-resume = boletines de nuevo
means-time = la hora de sus boletines
means-rhythm = los días de sus boletines
means-zone = su zona horaria
means-language = el idioma de sus correos
means-lines = lo que va junto a los artículos
means-add-topic = también los artículos de este tema
means-remove-topic = ya no los de este tema
means-resend = su último boletín una vez más
means-status = lo que está vigente ahora
help-subscribe = empezar una suscripción; con temas detrás, solo sus artículos: subscribe robotics, "flow matching"
help-pause = sin boletines por un tiempo; también: pause until 2026-12-24
help-rhythm = los días: daily (todos los días), weekdays (de lunes a viernes), weekly:mon, monthly:1
help-language = el idioma de sus correos: en, de, fr, es, ja, zh
help-lines = lo que va junto a los artículos: rising (siguen subiendo), trend (tendencias de la semana), quiet (días tranquilos) o none (nada)
help-also = { $does } (o: { $also })

## Lo que no se ha entendido

hint-unknown = una línea de su correo no es nada que conozcamos
hint-perhaps = quizá quiera decir «{ $command }»
hint-exclude = lo uno excluye lo otro: escriba lo que quiere
hint-too-many = un correo puede tener { $count } órdenes: envíe otra vez las demás
hint-name-topic = nombre el tema: add topic "flow matching"
hint-name-topic-to-remove = nombre el tema: remove topic "flow matching"
hint-topic = «{ $topic }»: { $what } (en el carácter { $place })
hint-ends-own = eso da de baja la dirección de la que viene; escriba unsubscribe solo
hint-begins-own = eso suscribe la dirección de la que viene; escriba subscribe solo
hint-subscribe-alone = para suscribirse, escriba subscribe solo, o temas entre comillas detrás
hint-no-span = no es ni una duración como «2 weeks» ni un día como «until 2026-12-24»
hint-settable = lo que se puede ajustar: time (hora), zone (zona horaria), rhythm (días), language (idioma) y lines (junto a los artículos)
hint-no-time = no es una hora como 07:30
hint-no-rhythm = los días son daily, weekdays, weekly, weekly friday, monthly o monthly 15
hint-no-language = los idiomas son en, de, fr, es, ja y zh
hint-no-lines = lo que puede ir al lado: rising, trend y quiet, o none
hint-name-zone = nombre una zona horaria como Europe/Paris
hint-no-zone = no hay ninguna zona horaria «{ $name }»; se llaman como Europe/Paris
hint-no-zone-near = no hay ninguna zona horaria «{ $name }»; quizá quiera decir «{ $command }»
hint-until-when = ¿hasta cuándo? Escriba un día como 2026-12-24
hint-no-length = eso no dura nada
hint-too-long = eso es más de tres años
hint-no-day = «{ $text }» no es un día como 2026-12-24 o 24 diciembre
hint-not-ahead = el { $day } ya no está en el futuro
hint-too-far = para el { $day } faltan más de tres años
hint-two-days = { $text } puede ser un día de dos meses; escriba { $one } o { $other }
hint-not-on-calendar = { $text } no está en el calendario
too-many-topics = { $count ->
    [one] { $count } tema es demasiado: puede haber { $most }
   *[other] { $count } temas son demasiados: puede haber { $most }
}

## Lo que está mal en un tema

slip-too-long = un tema puede tener { $most } caracteres, no { $length }
slip-closes-nothing = este paréntesis no cierra nada; quítelo
slip-loose-minus = el signo menos va justo delante de lo que no se quiere
slip-open-quote = estas comillas no se cierran; añada otras detrás de la expresión
slip-open-parenthesis = este paréntesis no se cierra
slip-empty = un tema necesita una palabra, como diffusion
slip-missing-before = falta una palabra o expresión antes de esto
slip-missing-at-end = falta una palabra o expresión aquí, al final
slip-too-deep = los paréntesis pueden anidarse hasta { $most } niveles, no más
slip-field-in-field = un campo no puede estar dentro de los paréntesis de otro
slip-only-has-code = solo se conoce has:code
slip-no-colon = escriba { $name }>=20, sin los dos puntos
slip-no-field = no hay ningún campo «{ $name }»; se conocen title, abstract, author, org, keyword, votes, stars y has. Ponga las palabras entre comillas para buscarlas tal como están
slip-field-alone = después de { $name }: hace falta una palabra o expresión
slip-too-many-words = un tema puede tener { $most } palabras; haga dos de él
slip-nothing-to-find = aquí no hay ninguna letra ni cifra que buscar
slip-no-number = justo detrás del signo va un número entero, como en votes>=20

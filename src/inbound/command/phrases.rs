//! The sentences that people write instead of commands, in the languages that most readers
//! write. Data alone; `words::Pattern` says what the signs mean.

/// What a sentence may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phrase {
    Unsubscribe,
    Subscribe,
    Confirm,
    Pause,
    Resume,
    Status,
    Resend,
    Help,
    /// Opens what is paused for a while or until a day: `no mail` … `until January`.
    NoMail,
    /// Opens an hour: `send it at` … `7am`.
    AtTime,
    /// Opens a rhythm: `make it` … `weekly`.
    OnDays,
    /// Asks for what follows, or opens it: `I would like to`.
    Wish,
    /// Asks for what follows as a question: `could you`.
    Request,
    /// A greeting.
    Greeting,
    /// Thanks, and please.
    Thanks,
    /// What comes before a name at the end.
    Closing,
}

/// Words that say only which mails are meant, and whose.
pub(super) const TAIL: &str = "\
    a an the this that these those your ur our my any all each every of from to off out on in for at by \
    with me us it them i address account name mail mails email emails mailing mailings list lists \
    mailinglist mailinglists maillist newsletter newsletters letter letters digest digests update \
    updates message messages service subscription subscriptions notification notifications papers \
    paper round everything anything stuff more anymore longer again \
    further future immediately now today asap right away completely entirely permanently \
    der die das den dem des diese dieser diesen dieses dem vom von aus ihre ihren ihrem ihrer eure \
    euren eurem mich mir uns bitte newslettern liste listen verteiler mailingliste mehr weitere weiteren \
    sofort e-mails nachrichten abo \
    la le les de du cette cet ces vos votre ta tes moi liste lettre courriel courriels courriers \
    dinformation messages plus svp merci maintenant \
    el los las esta este estos estas su sus vuestra vuestro mi correo correos lista listas boletin boletines \
    suscripcion mensajes mas favor por \
    il lo gli i le della dalla dal dallo dalle dai alla questa queste questi vostra vostre tua tue mie \
    posta lista messaggi piu notizie \
    o os as da do das dos desta deste destas minha sua suas boletim assinatura mensagens mais \
    het een dit deze van uit voor nieuwsbrief nieuwsbrieven berichten lijst mij me meer jullie uw \
    z ze tej tego listy newslettera newsletter mnie wiadomosci mailingowej prosze \
    меня из от рассылки рассылку этой вашей список списка пожалуйста";

/// What a whole sentence means. A `!` before it: so short a word that it counts only where
/// nothing else is said.
pub(super) const PHRASES: &[(Phrase, &[&str])] = &[
    (
        Phrase::Unsubscribe,
        &[
            "unsubscribe|unsub|unsuscribe|unsubcribe|unsubscibe|unsubsribe|unsubscription ~",
            "unsubscribe me|us? from|to? your|the|this? daily|weekly|monthly digest|digests|mail|mails|newsletter|papers ~",
            "unsubscribe from|off|of|to ~",
            "sign me|us? off|out ~",
            "signoff ~",
            "opt me|us? out ~",
            "optout ~",
            "take|remove|delete|strike|scratch|exclude me|us ~",
            "take|remove|delete|drop|strike my|this|our name|address|email|mail|account|subscription ~",
            "get|drop|cancel|keep me|us off|from|out ~",
            "stop sending|mailing|emailing|writing|spamming|contacting|messaging|bothering ~",
            "stop this|these|those|all|the|your|it|my ~",
            "!stop",
            "!cancel",
            "!remove",
            "!leave",
            "!off",
            "cancel ~+",
            "end|terminate|discontinue|quit|close my|this|the|our subscription|account|newsletter|digest|digests|mails|emails ~",
            "leave|exit this|the|your list|newsletter|mailing ~",
            "i|we do? dont|not|cannot want|wish|need|care|like to? receive|get|have|see|read? ~+",
            "i|we no longer want|wish|need to? receive|get|be|have? subscribed? ~",
            "i|we want|wish no more|further ~+",
            "no more ~+",
            "do? dont|not|never send|mail|email|contact|write|bother me|us? ~",
            "i|we want|would|id|wish like? to? stop receiving|getting ~",
            "i|we want out ~",
            "leave me alone",
            "i|we|im am|are? not|no longer? interested in? receiving|getting ~+",
            // German
            "abmelden|abbestellen|austragen|abmeldung|abbestellung|deabonnieren|kündigen|kündigung ~",
            "!stopp",
            "newsletter|abo|mails|verteiler|liste abmelden|abbestellen|kündigen|austragen",
            "bitte? melden|meldet|melde sie? mich ~ ab",
            "bitte? mich ~ abmelden|austragen|löschen|entfernen|streichen",
            "bitte? nehmen|nehmt|nimm|tragen|tragt|streichen|streich|löschen|lösche|entfernen|entferne sie? mich|meine ~ adresse? aus?",
            "ich möchte|moechte|will|würde mich ~ abmelden|austragen",
            "ich möchte|moechte|will ~ abbestellen|kündigen",
            "ich möchte|moechte|will keine ~ mehr? bekommen|erhalten|empfangen?",
            "bitte? keine weiteren|mehr? ~ mehr|schicken|senden?",
            "bitte? schicken|senden|schickt|schick sie? mir keine ~",
            // French
            "désabonner|désabonnez|désabonnement|désinscrire|désinscription|désinscrivez|désabonnezmoi|désinscrivezmoi|désabonnemoi|désinscrismoi ~",
            "me|se désabonner|désinscrire ~",
            "je veux|souhaite|voudrais|désire me|mee désabonner|désinscrire|désinscrir ~",
            "pouvezvous|pourriezvous|veuillez|merci de? me désabonner|désinscrire|retirer ~",
            "veuillez|merci de? ne plus menvoyer|envoyer ~",
            "je ne? veux|souhaite|désire plus recevoir? ~",
            "plus de mails|courriels|messages ~",
            "!arrêtez",
            "!arrêter",
            // Spanish
            "darse|darme|deme|denme|dame|dar|quiero de|darme de? baja ~",
            "quiero|quisiera|deseo darme|darse de baja ~",
            "!baja",
            "desuscribir|desuscribirme|desuscribirse|desuscríbanme|desuscríbeme|desuscripción ~",
            "cancelar|cancele|cancelen|cancela|anular mi|la? suscripción ~",
            "no quiero|deseo recibir? más? ~",
            "no me? envíen|mandar|manden|envíe más? ~",
            "!cancelar",
            "!basta",
            "!parar",
            // Italian
            "disiscrivimi|disiscrivi|disiscrivermi|disiscrivetemi|disiscrizione|disiscrivere|cancellami|cancellatemi|cancellazione|cancellarmi|disdire|disdetta ~",
            "vorrei|voglio|desidero disiscrivermi|cancellarmi ~",
            "cancella|cancellare|annulla|annullare la? mia? iscrizione|abbonamento ~",
            "non voglio|desidero più ricevere? più? ~",
            // Portuguese
            "descadastrar|descadastre|descadastramento|desinscrever|desinscrição ~",
            "cancelar|cancele|cancelem a|minha? minha? inscrição|assinatura|subscrição ~",
            "quero|gostaria|desejo de? cancelar|sair|descadastrar ~",
            "não quero|desejo mais? receber mais? ~",
            "remover|remova|removam meu|me|o? email|endereço? ~",
            "sair da|desta lista",
            "!sair",
            "!pare",
            // Dutch
            "afmelden|uitschrijven|opzeggen|afmelding ~",
            "ik wil|zou me|mij|mijn ~ afmelden|uitschrijven|opzeggen",
            "meld mij|me ~ af",
            "schrijf mij|me ~ uit",
            "verwijder mij|me|mijn ~ adres?",
            "ik wil geen ~ ontvangen?",
            "geen mails|nieuwsbrieven|emails meer",
            "!stoppen",
            // Polish
            "wypisz|wypiszcie|wypisać|wypisanie ~",
            "proszę? mnie? wypisać|usunąć ~",
            "rezygnuję|rezygnacja|anuluj|anulować|zrezygnować z? subskrypcji|subskrypcję|newslettera? ~",
            "chcę się? wypisać|zrezygnować ~",
            "nie chcę już? otrzymywać|dostawać ~",
            // Russian, Swedish, Danish, Norwegian, Turkish
            "отписаться|отпишите|отписать|отписка|удалите ~",
            "прошу|хочу меня? отписать|отписаться ~",
            "!стоп",
            "avregistrera|avprenumerera|avsluta|avmeld|afmeld|avbeställ mig|meg? ~",
            "abonelikten|aboneliğimi çık|çıkmak|çıkar|iptal istiyorum|et|edin?",
            // Chinese, Japanese, Korean
            "退订|退訂|取消订阅|取消訂閱|取消訂阅|停止发送|停止订阅|不要再发了|不要再发邮件|不想再收到邮件",
            "配信停止|配信解除|登録解除|購読解除|購読停止|購読中止|購読を解除|登録を解除|配信を停止|解除|退会|配信不要|メール配信停止|メールの配信を停止",
            "!停止",
            "구독취소|구독해지|수신거부",
            "구독 취소|해지",
        ],
    ),
    (
        Phrase::Subscribe,
        &[
            "subscribe|subscibe|suscribe|resubscribe|signup|join ~",
            "subscribe|resubscribe me|us? to|for? your|the|this? daily|weekly|monthly? ~",
            "sign me|us? up ~",
            "sign me|us up for|to your|the daily|weekly ~",
            "add|include|enroll|enrol|register me|us ~",
            "put me|us on|down|in ~",
            "count me in ~",
            "i|we would|want|id|wish like|love? to? receive|get your|the|this|these daily|weekly? ~+",
            "send me your ~+",
            "anmelden|anmeldung|abonnieren|eintragen ~",
            "newsletter abonnieren",
            "bitte? melden|meldet|melde sie? mich ~ an",
            "bitte? mich ~ anmelden|eintragen",
            "ich möchte|moechte|will|würde mich|gern|gerne? mich|gern|gerne? ~ abonnieren|anmelden|eintragen",
            "sabonner|mabonner|abonner|abonnezmoi|inscription|inscrivezmoi|minscrire|sinscrire|abonnement ~",
            "je veux|souhaite|voudrais|désire mabonner|minscrire ~",
            "suscribir|suscribirme|suscribirse|suscríbanme|suscríbeme|suscripción ~",
            "quiero|quisiera|deseo suscribirme ~",
            "!alta",
            "iscrivimi|iscrivi|iscrivermi|iscrivetemi|iscriversi|abbonami|abbonarmi|iscrizione ~",
            "vorrei|voglio|desidero iscrivermi|abbonarmi ~",
            "inscrever|inscrevame|inscrevam|inscreva|assinar|inscrição|inscreverme me? ~",
            "quero|gostaria|desejo de? assinar|inscreverme|me|receber inscrever? ~",
            "aanmelden|inschrijven|abonneren|aanmelding ~",
            "ik wil|zou me|mij? graag? ~ aanmelden|inschrijven|abonneren",
            "meld mij|me ~ aan",
            "zapisz|zapiszcie|zapisać|subskrybuj|subskrybować ~",
            "proszę? mnie? zapisać|dopisać ~",
            "chcę się? zapisać|subskrybować ~",
            "подписаться|подпишите|подписка ~",
            "хочу|прошу меня? подписаться|подписать ~",
            "prenumerera|abonner|abonnér|tilmeld ~",
            "订阅|訂閱|訂阅",
            "購読|購読希望|購読申込|登録|配信希望|購読を希望",
            "구독|구독신청",
        ],
    ),
    (
        Phrase::Confirm,
        &[
            "confirm|confirmed|confirming",
            "i|we do? hereby? confirm|agree|consent|accept my|the|this|that|it? subscription|address|email|registration?",
            "confirm my|the|this|our subscription|address|email|registration|signup|signing",
            "!yes|yep|yeah|yup|y|ok|okay|sure|agreed|approved|accepted|absolutely|definitely yes|ok|sure?",
            "!yes|yep|yeah|ok|okay|sure i|we do|confirm|agree|accept|want|am this|it|that?",
            "!yes|yep|yeah|ok|okay|sure confirm|confirmed|agreed my|the|this? subscription|address|email?",
            "!yes|yep|yeah|ok|okay|sure thats|that|it|its|this is? was? me|right|fine|correct|mine|ok|good",
            "!thats|that|it|its|this is? was? me",
            "!of course",
            "!go ahead",
            "!sounds good",
            "!ja|jawohl|jep|joo bitte|gern|gerne?",
            "!ja? ich bestätige|bestaetige das|es|hiermit|die|mein|meine? anmeldung|abo?",
            "bestätigen|bestätigt|bestaetigt|bestätige|bestätigung",
            "!ja? einverstanden",
            "!ja? in ordnung",
            "!oui daccord?",
            "!daccord",
            "!oui? je confirme mon|linscription|labonnement? inscription|abonnement?",
            "confirmer|confirmez",
            "!sí|si confirmo|claro|acepto?",
            "!vale",
            "!de acuerdo",
            "confirmo|confirmar|confirma|confirmado la|mi? suscripción?",
            "!sì confermo|certo?",
            "!va bene",
            "!dacordo|daccordo",
            "confermo|conferma|confermare|confermato la|liscrizione|mia? iscrizione?",
            "!sim confirmo|quero?",
            "!de acordo",
            "!ja? akkoord",
            "!ja? ik bevestig|ga dit|akkoord?",
            "bevestigen|bevestig|bevestigd",
            "!tak potwierdzam?",
            "potwierdzam|potwierdzić|potwierdz",
            "!zgadzam się",
            "!да",
            "подтверждаю|подтвердить",
            "!да подтверждаю",
            "bekräfta|bekräftar|bekræft|bekrefter",
            "!はい",
            "!ok です",
            "承認|同意|確認|確認しました|承諾|了承",
            "!了解|好|好的|是|是的|可以|确定|네|예",
            "确认|确认订阅|同意|確認訂閱|확인",
        ],
    ),
    (
        Phrase::Pause,
        &[
            "pause|suspend|snooze my|the|this|your|it|all|sending|mails|emails|digests? ~",
            "put ~ on hold",
            "hold my|the|all mails|mail|digests|digest ~",
            "pausieren|pausiere|pausa|pauze|pauzeren|pausar|suspendre ~",
            "暂停|一時停止|配信を一時停止",
        ],
    ),
    (
        Phrase::Resume,
        &[
            "resume|unpause|restart|reactivate|continue my|the|sending? ~",
            "!continue",
            "start sending? again ~",
            "start sending ~ again?",
            "end|stop the|my? pause",
            "turn|switch ~ back? on ~",
            "!i|im am? back",
            "fortsetzen|weiterschicken|reprendre|reanudar|riprendere|retomar|hervatten|wznów|wznowić ~",
            "再開|恢复",
        ],
    ),
    (
        Phrase::Status,
        &[
            "status|settings|preferences",
            "!info",
            "my status|settings|preferences|subscription",
            "show|tell|send me? my|the? current? status|settings|preferences|subscription",
            "what is|are my|the current? status|settings|preferences",
            "whats my status|subscription",
            "am i still? subscribed",
            "einstellungen|estado|stato|statut|状态",
        ],
    ),
    (
        Phrase::Resend,
        &[
            "resend me? the|my|it? last|latest|todays? digest|mail|email|one|papers? again?",
            "send me? the|it|todays|my last|latest? digest|mail|email|one? again",
            "send the? last|latest digest|mail|one again?",
        ],
    ),
    (
        Phrase::Help,
        &[
            "help|commands|hilfe|aide|ayuda|aiuto|ajuda|hulp|pomoc|помощь|справка|帮助|幫助|ヘルプ|도움말 me?",
            "!usage",
            "can|could you help me?",
            "how does this|it work",
            "what can i do|write|send|say|ask here?",
            "what are the commands",
            "i need|want help",
        ],
    ),
    (
        Phrase::NoMail,
        &[
            "pause|suspend|snooze|hold|pausieren|pausa|pauze|pausar|skip ~",
            "no ~+",
            "nothing ~",
            "stop|pause? sending? ~",
            "do? not|dont send|mail|email me? ~",
            "hold off ~",
            "unsubscribe|take me? ~",
            "put ~ on hold",
            "take a break",
            "keine ~+",
            "plus|pas de mails|courriels",
        ],
    ),
    (
        Phrase::AtTime,
        &[
            "set|change|move|switch|make|time|delivery|sending the|my|to? delivery|sending|digest? time? to|at|is?",
            "send|deliver|mail|email|give ~",
            "i|we want|would|prefer like|prefer? to? get|receive|have? ~",
            "id like|love|prefer to? get|receive|have? ~",
            "make it ~",
            "can|could i|you get|have|receive|send ~",
            "at|um|à|alle|às|om",
        ],
    ),
    (
        Phrase::OnDays,
        &[
            "set|change|switch|make|rhythm|frequency the|my|to? rhythm|frequency|schedule|cadence|digest|it|them? to|be|is?",
            "send|deliver|mail|email ~",
            "i|we want|would|prefer like|prefer? to? get|receive|have? ~",
            "id like|love|prefer to? get|receive|have? ~",
            "change|switch|move|go|make|set|put ~",
            "only|just",
            "once is enough",
        ],
    ),
    (
        Phrase::Wish,
        &[
            "i|we would like|love|want to",
            "id|wed like|love to",
            "i|we want|wish|need|hereby|have|would|will|must like? to?",
            "i|we am|are writing to",
            "id like",
            "i hereby",
            "you can|may",
            "let me|us",
            "be so kind and",
            "yes|ok|okay|sure|ja|oui|sì|sí|sim|tak",
        ],
    ),
    (
        Phrase::Request,
        &[
            "can|could|would|will you please|kindly?",
            "would you mind",
            "may|can i ask you to",
            "is it possible to",
        ],
    ),
    (
        Phrase::Greeting,
        &[
            "hi|hello|hey|hallo|hej|hola|ola|olá|ciao|salut|bonjour|dear|moin|servus|greetings|salve|howdy",
            "good morning|day|evening|afternoon",
            "guten|gute tag|morgen|abend",
            "sehr geehrte|geehrter|geehrtes damen|herr|frau|team|und?",
            "buenos|buenas|bom|boa|goede|goeden dias|días|tardes|noches|dia|tarde|noite|dag|morgen|middag",
            "buongiorno|buonasera|dzien|bonsoir dobry?",
            "to whom it may concern",
            "здравствуйте|привет|добрый день?",
            "您好|你好|こんにちは|お世話になっております|안녕하세요",
        ],
    ),
    (
        Phrase::Thanks,
        &[
            "thanks|thank|thx|danke|merci|gracias|grazie|obrigado|obrigada|bedankt|dank|dziękuję|спасибо|tack|many|vielen|mille|muchas|molte|muito you|dank|a|very|so|for|u|thanks|merci|gracias|obrigado? lot|much|million|your|all? time|help|advance|so|the? help|work|voraus|assistance?",
            "thanks|thank in|you in? advance",
            "thank you so|very? much",
            "thanks for your|the|all? great|good? work|help|service|time|digest|papers|understanding",
            "please|pls|plz|bitte|por favor?",
            "谢谢|謝謝|ありがとうございます|よろしくお願いします|よろしくお願いいたします|よろしく|감사합니다",
        ],
    ),
    (
        Phrase::Closing,
        &[
            "best|kind|warm|kindest|warmest|many|with? regards|wishes|greetings",
            "regards|best|cheers|sincerely|yours|cordially|respectfully",
            "all the best",
            "yours sincerely|truly|faithfully",
            "sincerely yours",
            "mit freundlichen|besten|lieben|herzlichen grüßen|gruessen|grüssen",
            "viele|liebe|beste|schöne|herzliche|freundliche grüße|gruesse|grüsse",
            "lg|mfg|vg|bg|gruß|gruss|grüße",
            "cordialement|amicalement|bien cordialement?",
            "saludos|atentamente|un|saludos saludo|cordiales?",
            "cordiali|distinti saluti",
            "saluti",
            "atenciosamente|abraços|atte|cumprimentos",
            "met vriendelijke groet|groeten",
            "groet|groeten|mvg",
            "pozdrawiam|pozdrowienia",
            "с уважением",
            "med vänliga|vennlig|venlig hälsning|hälsningar|hilsen",
            "vänliga|mvh hälsningar?",
            "此致|敬具|草々",
        ],
    ),
];

/// Said to be kind, wherever they stand; they change nothing.
pub(super) const KIND: &str = "please pls plz kindly just thanks thx bitte danke merci svp \
    gracias grazie obrigado sil vous plait gern gerne graag alsjeblieft alstublieft immediately asap also";

/// Politeness around a command that is written without spaces.
pub(super) const BEFORE: &[&str] =
    &["请帮我", "请", "請", "我要", "我想要", "我想", "麻烦", "帮我"];
/// The same behind it.
pub(super) const BEHIND: &[&str] = &[
    "してください",
    "して下さい",
    "をお願いします",
    "をお願いいたします",
    "お願いします",
    "お願いいたします",
    "でお願いします",
    "をお願い致します",
    "します",
    "したいです",
    "を希望します",
    "希望",
    "谢谢",
    "謝謝",
    "吧",
    "です",
    "ください",
    "邮件",
    "해주세요",
];

/// Words by which a sentence says that something is not so.
pub(super) const NEGATIONS: &str = "not dont no never didnt cannot cant wont doesnt isnt wouldnt \
    shouldnt without nicht kein keine keinen nie ne pas jamais nunca jamas non mai nao niet geen \
    nie не нет";

/// Words that no topic needs: what holds one is a sentence and no topic.
pub(super) const PROSE: &str = "i im me my mine you your u we us our he she they it its is are was \
    were am be been did do does done dont not never no why how when who that this these those there \
    to will would could should can cannot cant have has had button link problem problems issue page \
    form question error failed request confirmation please thanks because if but";

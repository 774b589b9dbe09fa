//! The sentences that people write instead of commands, in the languages that most readers
//! write. Data alone; `words::Pattern` says what the signs mean.

use super::wishes::{CONFIRM, SUBSCRIBE, UNSUBSCRIBE};

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
    paper round database everything anything stuff more anymore longer again \
    further future immediately now today asap right away completely entirely permanently \
    der die das den dem des diese dieser diesen dieses dem vom von aus ihre ihren ihrem ihrer eure \
    euren eurem mich mir uns bitte newslettern liste listen verteiler mailingliste mehr weitere weiteren \
    adresse aus sofort e-mails nachrichten abo \
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
    (Phrase::Unsubscribe, UNSUBSCRIBE),
    (Phrase::Subscribe, SUBSCRIBE),
    (Phrase::Confirm, CONFIRM),
    (
        Phrase::Pause,
        &[
            "pause|suspend|snooze my|the|this|your|it|all|sending|mails|emails|digests? ~",
            "put ~ on hold",
            "hold my|the|all mails|mail|digests|digest ~",
            "pausieren|pausiere|pausa|pauze|pauzeren|pausar|suspendre|suspendez ~",
            "pausieren|pausiert sie ~",
            "暂停|暫停|休止|一時停止|配信を一時停止|配信を休止|配信休止",
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
            "wieder aufnehmen|starten|senden|schicken|zusenden ~",
            "die|den? newsletter|mails|zusendung? wieder aufnehmen|starten|senden|schicken",
            "再開|恢复",
        ],
    ),
    (
        Phrase::Status,
        &[
            "status|settings|preferences",
            "!info",
            "my status|settings|preferences|subscription|topics",
            "what|which topics do i have|follow",
            "show|tell|send me? my|the? current? status|settings|preferences|subscription",
            "what is|are my|the current? status|settings|preferences|topics",
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
            "comment ça|cela marche|fonctionne",
            "wie funktioniert das|es|dies",
            "cómo funciona esto?",
            "what can i do|write|send|say|ask here?",
            "what are the commands",
            "i need|want help",
        ],
    ),
    (
        Phrase::NoMail,
        &[
            "pause|suspend|snooze|hold|pausieren|pausa|pauze|pausar|pausen|suspendre|suspendez|suspender|suspendan|skip ~",
            "no ~+",
            "nothing ~",
            "stop|pause? sending? ~",
            "do? not|dont send|mail|email me? ~",
            "hold off ~",
            "unsubscribe|take me? ~",
            "put ~ on hold",
            "take a break",
            "pausieren|pausiert sie ~",
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
            "a las|la",
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
            "only|just|nur|solo|solamente|seulement|uniquement",
            "only send|deliver|mail ~",
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
            "can|could|may i|we get|have|receive it|this|them|the? digest|mail|mails?",
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
    gracias grazie obrigado sil vous plait gern gerne graag alsjeblieft alstublieft immediately asap also instead";

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

/// Verbs for sending, which some languages put behind what they say of it.
pub(super) const SENDING: &str =
    "schicken senden zusenden zuschicken liefern zustellen envoyer enviar versturen sturen";

/// Words by which a sentence says that something is not so.
pub(super) const NEGATIONS: &str = "not dont no never didnt cannot cant wont doesnt isnt wouldnt \
    shouldnt without nicht kein keine keinen nie ne pas jamais nunca jamas non mai nao niet geen \
    nie не нет";

/// Words that no topic needs: what holds one is a sentence and no topic.
pub(super) const PROSE: &str = "i im me my mine you your u we us our he she they it its is are was \
    were am be been did do does done dont not never no why how when who that this these those there \
    to will would could should can cannot cant have has had button link problem problems issue page \
    form question error failed request confirmation please thanks because if but";

/// Words by which a sentence tells of others, or of what would be.
pub(super) const TOLD: &str = "if when unless whether told tell tells said say says saying ask asks asked \
    write wrote writes click button link before after until wenn falls sagt sagte si cuando quand lorsque sobald";

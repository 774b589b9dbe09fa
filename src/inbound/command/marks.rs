//! The marks by which mail programs of the world set off what they quote and add: words alone.

use std::sync::LazyLock;

use super::words::fold;

/// `Re:` and its like.
static PREFIXES: LazyLock<Vec<String>> = LazyLock::new(|| {
    parted(
        "re r aw antw antwort sv vs rv res ref rif odp pd hv ynt ilt vl vb fw fwd tr \
    enc wg doorst i fs va vas atb ats bls yt ts ret sp 回復 回覆 回复 答复 答覆 转发 轉寄 轉發 转寄 返信 転送 답장 \
    회신 전달 отв ответ на пересл απ σχετ προς הש תשובה رد svar vidarebefordrat tovabbitas tovabbitas \
    tra loi tra loi chuyen chuyen",
    )
});

/// Words for `wrote`, behind or before a name.
static WROTE: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(&[
        "wrote",
        "writes",
        "schrieb",
        "geschrieben",
        "a ecrit",
        "ecrit",
        "ecrivait",
        "escribio",
        "escribia",
        "ha scritto",
        "scrisse",
        "scritto",
        "escreveu",
        "schreef",
        "geschreven",
        "skrev",
        "kirjoitti",
        "napisal",
        "napsal",
        "napisal(a)",
        "napisala",
        "napisano",
        "писал",
        "пишет",
        "написал",
        "написала",
        "писав",
        "пише",
        "yazdi",
        "yazdi",
        "sunlari yazdi",
        "irta",
        "ezt irta",
        "a scris",
        "εγραψε",
        "כתב",
        "כתבה",
        "كتب",
        "写道",
        "寫道",
        "写到",
        "さんは書きました",
        "のメール",
        "が書きました",
        "작성",
        "씀",
        "đa viet",
        "menulis",
        "rase",
        "napisao",
        "kirjutas",
        "rakstija",
        "va escriure",
        "ha escrit",
        "schrieben",
        "skrifaði",
    ])
});

/// Words that begin such a line.
static OPENERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(&[
        "on ",
        "am ",
        "le ",
        "el ",
        "il ",
        "op ",
        "em ",
        "den ",
        "w dniu ",
        "dnia ",
        "dne ",
        "pe ",
        "vao ",
        "pada ",
        "na ",
        "в ",
        "a ",
        "em ",
        "il giorno ",
        "da: ",
        "στις ",
        "tarihinde ",
        "ke ",
        "el dia ",
        "no dia ",
        "ons",
        "man",
        "tir",
        "пн, ",
        "вт, ",
        "ср, ",
        "чт, ",
        "пт, ",
        "сб, ",
        "вс, ",
    ])
});

/// Fields that name a sender.
pub(super) static FROM: LazyLock<Vec<String>> = LazyLock::new(|| {
    parted(
        "from von de da van fran fra od от от кого lahettaja felado kimden gonderen de la \
    发件人 寄件者 寄件人 差出人 送信者 보낸사람 보낸 사람",
    )
});
/// Fields that come after it.
pub(super) static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    parted(
        "sent date to subject cc gesendet datum an betreff envoye a objet enviado para asunto \
    assunto inviato oggetto data verzonden aan onderwerp skickat till amne sendt til emne wyslano do temat \
    odeslano komu predmet отправлено кому тема дата lahetetty vastaanottaja aihe elkuldve cimzett targy \
    tarih kime konu 发送时间 收件人 主题 日期 发送 寄件日期 收件者 主旨 送信日時 宛先 件名 날짜 받는사람 제목 보낸",
    )
});

/// What mail programs put below the text.
static FOOTERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    folded(&[
        "sent from",
        "sent with",
        "sent using",
        "sent via",
        "sent by",
        "get outlook for",
        "get bluemail",
        "gesendet von",
        "gesendet mit",
        "von meinem",
        "von meiner",
        "diese nachricht wurde von",
        "envoye de",
        "envoye depuis",
        "envoye avec",
        "envoye a partir",
        "telecharger outlook",
        "obtenez outlook",
        "enviado desde",
        "enviado do",
        "enviado de",
        "enviado a partir",
        "enviado con",
        "obtener outlook",
        "obter o outlook",
        "inviato da",
        "inviato dal",
        "scarica outlook",
        "ottieni outlook",
        "verstuurd vanaf",
        "verzonden vanaf",
        "verzonden met",
        "outlook voor",
        "outlook fur",
        "outlook for",
        "skickat fran",
        "sendt fra",
        "lahetetty",
        "wyslane z",
        "wyslano z",
        "odeslano z",
        "отправлено с",
        "отправлено из",
        "iphoneから送信",
        "ipadから送信",
        "发自我的",
        "從我的",
        "从我的",
        "发自",
        "나의 iphone",
        "내 iphone",
        "yahoo mail",
        "holen sie sich outlook",
        "virenfrei",
        "virusfree",
        "sans virus",
        "this email has been checked",
        "diese email wurde",
        "secured with tuta",
        "sent securely",
    ])
});

fn folded(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| fold(text)).collect()
}

fn parted(words: &str) -> Vec<String> {
    words.split_whitespace().map(fold).collect()
}

/// Whether a subject's prefix says that it answers or forwards.
pub(super) fn is_prefix(folded: &str) -> bool {
    PREFIXES.iter().any(|prefix| prefix == folded)
}

/// Whether nothing of the writer's own comes any more: a signature, or a line such as
/// `-----Original Message-----`.
pub(super) fn ends_text(line: &str) -> bool {
    let dashes = |c: char| matches!(c, '-' | '_' | '=' | '—' | '–' | '─' | '*' | '~');
    let before = line.chars().take_while(|c| dashes(*c)).count();
    let after = line.chars().rev().take_while(|c| dashes(*c)).count();
    let length = line.chars().count();
    let plain = before == length && (line == "--" || line == "—" || line == "––" || length > 2);
    plain
        || (before > 3 && after > 3)
        || line.starts_with("-- ")
        || fold(line).starts_with("begin forwarded message")
}

/// Whether a line says who wrote what follows.
pub(super) fn is_intro(line: &str) -> bool {
    if !line.ends_with([':', '：']) || line.len() > 400 {
        return false;
    }
    let folded = fold(line);
    let bare = folded.trim_end_matches([':', '：', ' ']);
    if is_dated_address(bare) {
        return true;
    }
    // Notes and others: `Ada wrote on 23/11/2026 08:00:`
    WROTE.iter().any(|wrote| {
        bare.ends_with(wrote.as_str())
            || (bare.contains(wrote.as_str())
                && bare.bytes().filter(u8::is_ascii_digit).count() > 3)
    })
}

/// `пн, 23 нояб. 2026 г. в 10:00, Ada <ada@example.org>`: in whatever language, a year, an hour
/// and at the end an address.
fn is_dated_address(bare: &str) -> bool {
    let Some((date, address)) = bare.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'))
    else {
        return false;
    };
    let parts = |c: char| !c.is_ascii_digit() && c != ':';
    let mut figures = date.split(parts);
    address.contains('@')
        && figures.clone().any(|figure| figure.len() == 4 && !figure.contains(':'))
        && figures.any(|figure| figure.len() > 3 && figure.trim_matches(':').contains(':'))
}

/// Whether a line may be the first of an intro of several.
pub(super) fn opens_intro(line: &str) -> bool {
    let folded = fold(line);
    folded.starts_with(|c: char| c.is_ascii_digit() || c == '<' || c == '"')
        || OPENERS.iter().any(|opener| folded.starts_with(opener.as_str()))
        || line.contains('@')
}

/// Whether a line is added by a program.
pub(super) fn is_footer(line: &str) -> bool {
    if line.len() > 200 {
        return false;
    }
    let folded = fold(line);
    let start = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    FOOTERS.iter().any(|footer| start.starts_with(footer.as_str()))
}

/// Whether a line is one of these fields of a head.
pub(super) fn is_field(line: &str, fields: &[String]) -> bool {
    let line = line.trim().trim_start_matches('*');
    let Some(colon) = line.find([':', '：']).filter(|at| *at < 40) else { return false };
    let name = fold(line[..colon].trim_matches(['*', ' ', '\u{a0}']));
    let name: String = name.split_whitespace().collect();
    fields.contains(&name)
}

//! What mail servers say, by what they mean by it. A table of words, in the form in which
//! `wording` puts a text: small letters, no punctuation, no codes, addresses or host names.
//! Never decides anything.

use super::meaning::Reason;

/// The first line with a phrase that a text holds says why. What is no fault of the address comes
/// first: a refusal that names both the sender's bad name and an unknown user may be a pretext.
pub(super) const TABLE: &[(Reason, &[&str])] = &[
    (Reason::Full, FULL),
    (Reason::Sender, SENDER),
    (Reason::Authentication, AUTHENTICATION),
    (Reason::Relay, RELAY),
    (Reason::NullMx, NULL_MX),
    (Reason::Content, CONTENT),
    (Reason::Blocked, BLOCKED),
    (Reason::Suspended, SUSPENDED),
    (Reason::Moved, MOVED),
    (Reason::UnknownUser, UNKNOWN_USER),
    (Reason::TooBig, TOO_BIG),
    (Reason::Expired, EXPIRED),
    (Reason::UnknownHost, UNKNOWN_HOST),
    (Reason::Rate, RATE),
    (Reason::Network, NETWORK),
    (Reason::Policy, POLICY),
    (Reason::System, SYSTEM),
    (Reason::Refused, REFUSED),
];

const FULL: &[&str] = &[
    "mailbox full", "mailbox is full", "not enough disk space", "mailbox was full", "mailbox has exceeded", "mailbox exceeded",
    "mailbox over quota", "mailbox quota", "mailbox size limit", "mailbox too large", "mailbox is over",
    "mailbox space not enough", "mail box space not enough", "mail box is full", "mail box full",
    "maildir over quota", "maildir is over quota", "maildir delivery failed userquota",
    "maildir delivery failed domaindisk", "over quota", "overquota", "over the allowed quota",
    "over their quota", "over its quota", "quota exceed", "quota has been exceeded", "quota violation", "quota full",
    "quota is full", "quota reached", "exceeded quota", "exceeded his quota", "exceeded its quota",
    "exceeded storage allocation", "exceeded the quota", "exceeded their quota", "exceeds quota",
    "exceed quota", "exceeding quota", "disk quota", "diskquota", "quotaexceeded", "insufficient quota",
    "storage quota", "out of storage space", "out of quota", "user is out of", "inbox is full", "inbox full",
    "account is full", "account full", "account is over", "account has exceeded", "no space left for this user",
    "no storage space for", "too much mail stored", "too much mail data", "not enough storage space",
    "not enough space in", "insufficient disk space for this user", "insufficient storage space in",
    "insufficient space in", "has no more space", "recipient storage full", "recipient reached disk quota",
    "recipient exceeded email quota", "user has too many messages", "users mailbox cannot accept",
    "mail file size limit", "mail file will exceed", "mailfolder is full", "mail folder is full",
    "mail quota", "message would exceed", "would exceed maximum storage", "would put mailbox over",
    "recipients mailbox would exceed", "exceeded maximum inbox", "too many messages on this mailbox",
    "delivery failed over quota", "boite du destinataire pleine", "boite pleine", "boîte pleine",
    "quota depasse", "quota dépassé", "buzon lleno", "buzón lleno", "casella piena", "casella postale piena",
    "postfach voll", "postfach ist voll", "postfach des empfängers ist voll", "mailbox ist voll", "caixa postal cheia",
    "caixa cheia", "ящик переполнен", "почтовый ящик переполнен", "skrzynka jest pełna", "容量が", "容量超過", "メールボックスが一杯",
    "メールボックスがいっぱい", "邮箱已满", "邮箱空间不足", "郵箱已滿", "空间已满", "saklama alanı dolu", "postvak is vol", "mailbox vol",
    "resolver.rst.recipsizelimit mailbox", "storedrv.deliver.exception:quotaexceeded", "message limit for this mailbox",
];

const SENDER: &[&str] = &[
    "sender rejected", "sender address rejected", "administrative prohibition", "badsendermx", "emetteur invalide", "fully qualified email address required", "not member article", "null sender", "returned mail not accepted", "recipient preferences", "user rules", "blocked by the recipient", "has restricted sms", "account is protected by", "only accepting mail from", "refuse to receive mail", "refuses to receive this mail", "is not a registered gateway", "sender denied", "sender blocked", "sender is blocked",
    "sender not allowed", "sender verify", "sender unknown", "sender domain", "sender address domain",
    "sender address verification", "sender address has been", "sender is not", "sender ip", "sender not authenticated",
    "sender was", "senders domain", "senders mail", "senders address", "senders ip", "senders email", "unverified sender",
    "invalid sender", "unknown sender", "from the sender", "mail from domain", "mail from must", "mail from address",
    "mail from denied", "mail from command failed", "from address", "from domain", "return path", "backup mx sender",
    "domain of sender", "domain of the sender", "reverse path", "envelope sender", "envelope from",
    "refused sender", "reject sender", "your address is not", "your email address is blocked",
    "your address is blocked", "you are not allowed", "you are not authorized", "you are not authorised",
    "you are not permitted", "you do not have permission", "you dont have permission", "delivery not authorized",
    "not authorized to send", "not allowed to send", "not permitted to send", "only accepts mail from",
    "only accepts messages from", "accept mail only from", "accepts messages only from", "restricted to",
    "your message was rejected by the", "group may not exist or you may not have permission",
    "permission to post", "not a member", "isnt on the list", "unauthenticated email", "authenticated senders",
    "resolver.rst.", "posting to this list", "access denied authenticated", "originator",
    "does not accept mail from", "does not accept mail with", "refuses to accept mail from", "we do not accept mail from", "rejects mail from",
    "mail from sender", "message sender", "cannot find your hostname", "your domain", "ce domaine expediteur",
    "dont accept mail from", "will not accept mail from", "not accepting mail from", "mail is not accepted from", "mail with address", "forged",
    "not listed in domain", "empty envelope senders not allowed", "bogus mail from", "your envelope",
];

const AUTHENTICATION: &[&str] = &[
    "dmarc", "dkim", " spf ", "spf check", "sender policy framework", "openspf", "domainkeys",
    "authentication failure", "authentication fail", "authentication checks", "authentication required",
    "authentication information", "unauthenticated", "not authenticated", "arc seal", "email authentication", "authentication is required", "authentication results", "pass authentication",
    "reverse dns", "rdns", "ptr record", " ptr ", "fcrdns", "forward confirmed", "reverse lookup", "reverse hostname",
    "reverse host", "client host name", "client hostname", "cannot find your reverse", "no reverse", "hostname lookup failed", "helo", "ehlo",
    "must issue a starttls", "tls is required", "tls required", "requires tls", "encryption required", "requires encryption", "starttls is required",
    "starttls may not be", "security policy violation", "no ipv4 ipv6 address", "dnssec",
];

const RELAY: &[&str] = &[
    "relaying denied", "relay denied", "relay access denied", "relay not permitted", "relaying not permitted",
    "relaying not allowed", "relay not allowed", "relaying prohibited", "relaying is prohibited", "relay prohibited",
    "relay operation rejected", "relay is not", "relay access", "unable to relay", "not relay", "no relay",
    "wont relay", "will not relay", "cannot relay", "cant relay", "insecure mail relay", "open relay",
    "isnt in my list of allowed rcpthosts", "isnt in my control locals", "not in my control", "rcpthosts",
    "not a gateway", "is not permitted to relay", "relayed mail", "as a relay", "relaying mail", "relaying to", "relaying unauthorized",
    "relaying refused", "mail server requires authentication", "that domain isnt allowed to be relayed",
    "domain isnt in", "by administrative prohibition", "we do not relay", "we dont relay", "relay attempt", "relayed to", "authenticate to send",
    "this system is not configured to relay", "must be authenticated", "not local please use",
];

const CONTENT: &[&str] = &[
    " spam", "spam ", "spamassassin", "antispam", "junk mail", "unsolicited", "bulk mail", "bulk email", " ube ", " uce ",
    "virus", "malware", "infected", "phishing", "malicious", "trojan", "dangerous content", "banned content",
    "banned attachment", "attachment type", "attachment not", "attachment block", "attachments are not", "attachments not", "attachment with", "file attachment", "executable attachment", "objectionable", "inappropriate", "prohibited content", "message content",
    "content reject", "content filter", "content policy", "mail content", "content of the message", "content denied", "illegal content", "message looks like",
    "looks like advert", "considered advert", "suspicious", "rejected by filter", "bayes", "rspamd", "message filtered", "message filter",
    "score too high", "rejected due to content", "blocked by content", "message was blocked", "message blocked", "suspected of", "suspected to",
    "header error", "header syntax", "invalid header", "bad header", "missing header", "header is", "headers are", "header missing", "duplicate header", "multiple header", "bare lf", "bare newline", "rfc 5322", "rfc5322", "rfc 822", "rfc822", "rfc2822", "rfc 2822", "rfc compliant", "not compliant",
    "non compliant", "line too long", "line length", "8bit", "8 bit data", "smtputf8", "multiple from", "missing from", "missing message id", "no message id", "invalid message id", "duplicate message id", "subject line",
    "badly formed message", "malformed message", "malformed mail", "malformed header", "malformed mime", "malformed address", "url in this", "url listed", "contains a url", "contains url", "bad url", "forbidden extension",
    "not meet the delivery requirements", "垃圾", "スパム", "спам",
];

const BLOCKED: &[&str] = &[
    "blacklist", "black list", "blocklist", "block list", "denylist", "deny list", "dnsbl", "rbl", "banned", "blocked", "blocking",
    "is listed", "are listed", "listed at", "listed by", "listed on", "bad reputation", "poor reputation", "low reputation", "reputation",
    "your ip", "your host", "your server", "your mail server", "your network", "ip address is", "ip has been", "from your ip", "client host",
    "connection refused by", "connections from", "connections not accepted", "connecting ip", "sending ip", "source ip", "not accept connections from", "from this ip", "this ip",
    "ip range", "dynamic ip", "dynamic address", "dialup", "dial up", "residential", "host rejected", "client denied", "client rejected",
    "access denied host", "no access from", "mail from your", "mail from this host", "refused mail from", "mail refused from",
    "rejected connect", "abuse", "complaint", "whitelist", "white list", "allowlist", "bad sender ip", "your isp", "not allowed to connect",
    "temporarily deferred due to user complaints", "unusual sending", "too many bad", "ip not allowed", "server not allowed", "server access forbidden", "smtp service forbidden", 
];

const NULL_MX: &[&str] = &[
    "does not accept mail", "does not accept any mail", "domain does not receive", "does not accept email", "doesnt accept mail", "null mx", "nullmx", "does not accept smtp", "host does not receive mail",
    "does not receive mail", "domain not accept mail", "dns forward lookup for null mx", "not accept any mail",
    "name server null", "accepts no mail", "no mail accepted at", "no mail accepted for",
];

const SUSPENDED: &[&str] = &[
    "account disabled", "account is disabled", "disabled or discontinued", "account has been disabled", "account that you tried to reach is disabled", "account you tried to reach is disabled",
    "account inactive", "account is inactive", "account not active", "account is not active", "account deactivated", "account has been deactivated",
    "account suspended", "account is suspended", "account has been suspended", "account is locked", "account locked", "account has been locked",
    "account expired", "account has expired", "account is temporarily", "account temporarily", "account is currently", "account unavailable", "account is unavailable",
    "account has been blocked", "account blocked", "account closed due to", "account that you tried to reach is inactive",
    "mailbox disabled", "mailbox is disabled", "mailbox has been disabled", "mailbox inactive", "mailbox is inactive", "mailbox not active", "mailbox deactivated",
    "mailbox suspended", "mailbox is suspended", "mailbox locked", "mailbox is locked", "mailbox frozen", "mailbox is frozen", "mailbox unavailable or access denied",
    "mailbox currently suspended", "mailbox temporarily disabled", "mailbox temporarily", "mailbox is temporarily", "mailbox disabled for", "mailbox has been blocked", "mailbox is blocked", "mailbox for this user is locked", "email account is disabled", "mailbox is currently",
    "user disabled", "user is disabled", "user suspended", "user is suspended", "user is inactive", "user inactive", "inactive user", "user is not active", "user not active", "user is locked", "user blocked",
    "user has been suspended", "recipient suspended", "recipient is suspended", "recipient disabled", "recipient is disabled", "recipient is inactive", "recipient inactive", "inactive recipient", "disabled recipient",
    "recipient suspend the service", "domain suspended", "domain is suspended", "domain is not active", "domain inactive", "domain disabled", "domain is disabled", "inactive account", "disabled account", "suspended account",
    "is not currently accepting", "not accepting mail", "not accepting messages", "service is suspended", "invalid inactive", "vdelivermail account is locked", "this account has been",
    "boite du destinataire archivee", "boite suspendue", "your email was rejected because the recipient is suspended",
];

const MOVED: &[&str] = &[
    "has moved", "user has moved", "has been moved", "has been replaced by", "was changed to", "address has changed", "address has been changed", "please use the new address", "moved to a new", "mailbox has moved", "moved permanently", 
];

const UNKNOWN_USER: &[&str] = &[
    "user unknown", "unknown user", "missing home directory", "badrcptto", "no one at this address", "not a local address", "not an active address", "no longer accepts mail", "addressee unknown", "unknown addressee", "user is unknown", "user not known", "user isnt known", "user not found", "user was not found", "user cannot be found", "user couldnt be found", "couldnt find any user", "user does not exist", "user doesnt exist", "user doesnt have", "user does not have",
    "user dosent exist", "user dont exist", "user do not exist", "user not exist", "user nonexistent", "user non existent", "non existent user", "nonexistent user", "user invalid", "invalid user", "no user", "no such user", "not a valid user", "no valid user", "user name unknown", "user name not found", "username not", "unknown local part", "unknown localpart", "unrouteable mail address", "unknown account",
    "user is not known", "user is no longer", "user no longer", "user email address is not", "user didnt exist", "user account does not", "user has no mailbox", "user dont has", "user terminated", "user reject the mail", "user unkown", "not our customer", "invalid final delivery userid", "recipient address rejected access denied", "invalid user",
    "recipient unknown", "unknown recipient", "recipient is unknown", "recipient not known", "recipient not found", "recipient was not found", "recipient could not be found", "recipients could not be found", "recipient doesnt exist", "recipient does not exist", "recipients do not exist", "recipient not exist", "recipient no longer", "recipient is no longer", "recipient invalid", "recipient is invalid", "invalid recipient", "recipient address unknown",
    "recipient name is not recognized", "recipient not recognized", "recipient unrecognized", "recipient not valid", "recipient is not valid", "not a valid recipient", "no valid recipient", "no valid host no valid", "no such recipient", "no recipient", "recipient not listed", "recipient not on", "recipient is not local", "recipient rejected user unknown", "recipient email address is possibly incorrect", "bad recipient", "recipient is not exist", "recipient is non", "recipient not in", "unknown or invalid recipient", "non existent recipient", "recipient nonexistent", "recipient mailbox not found", "recipient verification failed",
    "recipnotfound", "recipientnotfound", "recipient account does", "unable to find recipient", "cannot find recipient", "unable to verify recipient", "cannot verify recipient", "recipient is not accepted here", "recipients unknown", "recipients mailbox is no longer",
    "address unknown", "unknown address", "address is unknown", "address not known", "address not found", "address could not be found", "address couldnt be found", "address wasnt found", "address was not found", "email address you entered couldnt be found", "address does not exist", "address doesnt exist", "address not exist", "address no longer", "address is no longer", "address is invalid", "address invalid", "invalid address", "address not valid", "address is not valid", "no such address", "address not present", "address is unrouteable", "address unroutable", "unroutable address", "unrouteable address", "bad address", "bad destination mailbox", "bad destination email", "incorrect address", "address is incorrect", "invalid email address", "non existent address", "nonexistent address", "address is not known", "address not listed", "address is not listed", "address rejected user unknown", "address is not recognized", "address not recognized", "not a known user", "unknown email address", "email address not found", "no email address", "nonexistent email", "email id does not exist", "email address is not found", "email address has been removed", 
    "mailbox unknown", "unknown mailbox", "mailbox not found", "mailbox was not found", "mailbox could not be found", "mailbox does not exist", "mailbox doesnt exist", "mailbox not exist", "mailbox is invalid", "mailbox invalid", "invalid mailbox", "no such mailbox", "no mailbox", "no mail box", "not a valid mailbox", "mailbox is not known", "mailbox no longer", "mailbox is no longer", "mailbox nonexistent", "nonexistent mailbox", "non existent mailbox", "mailbox name not", "mailbox not valid", "mailbox unavailable or not local", "mailbox not local", "mailbox is unknown", "local mailbox unavailable", "no existe", "mailbox not here", "mailbox deleted", "mailbox has been deleted", "mailbox removed", 
    "account does not exist", "account doesnt exist", "account that you tried to reach does not exist", "account you tried to reach does not exist", "account not found", "account unknown", "account is unknown", "account invalid", "invalid account", "no such account", "no account", "not a valid account", "account closed", "account is closed", "account has been closed", "account deleted", "account has been deleted", "account removed", "account was removed", "account no longer", "account is no longer", "account terminated", "account has been terminated", "account not exist", "account cancelled", "account canceled", "closed account", "account has been removed", "account not known", "deleted account",
    "no such person", "no such name", "no one by that name", "nobody by that name", "no mailbox here by that name", "not known here", "unknown here", "does not exist here", "there is no such", "there is no user", "there is no mailbox", "there is no account", "unknown in relay recipient table", "is no longer on server", "no longer on server", "is not a valid user", "is not a valid recipient", "is not a valid mailbox", "is not a valid address", "is not a valid email", "is not a valid account", "no matching recipient", "no matching user", "address is no longer valid", "email address is wrong or no longer valid", "name not found", "not found in directory", "not found in domino directory", "not listed in domino directory", "not listed in public name", "not listed in directory", "not found in address book", "unknown virtual", "unknown in virtual", "unknown in local", "unknown in relay recipient table", "is unknown at host", "does not exist at", "does not like recipient", "doesnt like recipient", "undeliverable address", "unable to deliver to that address", "isnt a known", "is not a known", "no longer active", "no longer in use", "no longer exists", "no longer exist", "no longer with", "no longer works", "no longer employed", "no longer have an account", "not valid at this", "not exist on", "not exist in", "no longer a customer", "left the company", "not a user", "userunknown", "nosuchuser", "no usuario", "mailbox or alias", "alias not found", "cannot find user", "can not find user", "cant find user", "unable to find user", "could not find user", "user or domain", "user doesnt have a", "doesnt have a yahoo", "not permit to recipient", "requested mail action not taken mailbox not found", "this email address does not", "usuario desconocido", "usuario no", "destinatario desconocido", "destinatario inexistente", "cuenta no existe", "direccion no existe", "dirección no existe", "utilisateur inconnu", "destinataire inconnu", "adresse inconnue", "adresse d au moins un destinataire invalide", "adresse dau moins un destinataire invalide", "adresse du destinataire est incorrecte", "boite inconnue", "boîte inconnue", "compte inexistant", "empfänger unbekannt", "empfaenger unbekannt", "benutzer unbekannt", "unbekannter benutzer", "unbekannter empfänger", "adresse unbekannt", "unbekannte adresse", "postfach existiert nicht", "existiert nicht", "nicht gefunden", "utente sconosciuto", "destinatario sconosciuto", "utente inesistente", "indirizzo inesistente", "casella inesistente", "usuário desconhecido", "usuario desconhecido", "usuario inexistente", "usuário inexistente", "destinatário desconhecido", "conta inexistente", "caixa postal inexistente", "nieznany użytkownik", "nie istnieje", "пользователь не найден", "нет такого пользователя", "такого пользователя нет", "адресат не найден", "не существует", "okänd mottagare", "okänd användare", "finns inte", "onbekende gebruiker", "onbekende ontvanger", "gebruiker onbekend", "bestaat niet", "kullanıcı bulunamadı", "宛先不明", "宛先のメールアドレスが存在", "存在しません", "見つかりません", "ユーザーが見つかり", "用户不存在", "用戶不存在", "不存在", "收件人不存在", "无此用户", "找不到用户", "존재하지 않",
    "no matches to nameserver query", "unknown command user", "relay recipient rejected", "not accept for", "not a mailbox",
];

const UNKNOWN_HOST: &[&str] = &[
    "host unknown", "unknown host", "domain is not reachable", "host not found", "hostname not found", "host name not found", "domain unknown", "unknown domain", "domain not found", "domain name not found", "domain does not exist", "domain doesnt exist", "domain not exist", "domain is not valid", "domain is invalid", "invalid domain", "no such domain", "domain couldnt be found", "domain could not be found", "couldnt find any host", "couldnt find any mail exchanger", "couldnt find a mail exchanger", "cannot find any mail exchanger", "name or service not known", "nxdomain", "no mx record", "no such host", "bad destination host", "bad destination system", "host or domain name not found name service error for name", "host or domain name not found", "cannot find a destination", "no route to domain", "domain no longer", "no address associated with", "recipient domain unknown", "unable to resolve domain", "no mx or a records", "illegal host", "host does not exist", "unrouteable mail domain", "unroutable mail domain", "unrouteable domain", "unroutable domain", "all relevant mx records point to non existent hosts", "has no mx", "no valid mx", "non existent domain", "nonexistent domain", "domain nonexistent", "dns error the domain name", "dns error domain name not found", "does not have an mx", "no dns record", "dns name does not exist", "hôte inconnu", "hote inconnu", "domaine inconnu", "domain unbekannt", "host unbekannt", "dominio inesistente", "dominio desconocido", "域名不存在", "infodomainnonexistent",
];

const TOO_BIG: &[&str] = &[
    "too big", "too large", "too long message", "message size", "size limit", "maximum size", "exceeds size", "exceeds the size", "exceeds maximum", "exceeds the maximum", "exceeded maximum", "exceed max", "larger than", "max message size", "message length exceeds", "message exceeds", "message is bigger", "exceeds fixed", "exceeds administrative limit", "recipsizelimit", "sendersizelimit",
];

const RATE: &[&str] = &[
    "too many", "rate limit", "ratelimit", "rate that prevents", "rate exceeded", "throttl", "greylist", "graylist", "grey list", "gray list", "try again", "try later", "retry later", "please retry", "temporarily deferred", "deferred", "receiving mail at a rate", "receiving mail too quickly", "please slow", "sending too", "exceeded the max", "maximum number", "connection limit", "resources temporarily unavailable", "temporarily rejected", "temporarily unavailable", "temporary failure", "temporary error", "temporarily", "server busy", "system busy", "too busy", "exceeded the limit", "come back later",
];

const EXPIRED: &[&str] = &[
    "malformed or unexpected name server reply", "retry timeout exceeded", "retry time not reached", "retry limit", "delivery time expired", "message expired", "expired after", "has expired", "queue time", "queued too long", "too long in the queue", "in the queue too long", "been in the queue", "was in the queue", "on the queue for", "in queue for", "delivery timed out", "delivery time out", "delivery attempt", "could not be delivered for", "could not be delivered for more than", "has not been delivered within", "was not delivered within", "not delivered within", "unable to deliver for", "cannot send message for", "cannot send message within", "unable to deliver message after", "giving up after", "have been trying", "has been delayed", "not yet been delivered", "still being retried", "will be retried", "will be retried until", "attempts to deliver", "message timeout", "this message has been in the queue", "days old", "after multiple", "within the allowed queue period", "within the time limit", "delivery attempts", "was not responding", "is not responding", "did not respond", "not respond", "cant connect for", "queue timeout", "queue expire", "expiring this message", "delivery failure for", "given up trying", "could not deliver this message within", "no response from", "hop count to", "queue.expired", "queue lifetime", "for more than",
];

const NETWORK: &[&str] = &[
    "connection refused", "connection timed out", "connection time out", "connection timeout", "connection reset", "connection closed", "connection failed", "connection dropped", "connection lost", "connection was dropped", "connection error", "connection to", "lost connection", "could not connect", "couldnt connect", "cannot connect", "can not connect", "unable to connect", "failed to connect", "connect to", "connection", "timed out", "timeout", "time out", "network is unreachable", "network unreachable", "network error", "unreachable", "no route to host", "routing loop", "mail loop", "loop detected", "looping", "loops back", "loop back", "loop count", "hop count", "too many hops", "hopcount", "mail forwarding loop", "already has a delivered to", "host is down", "host not responding", "establish any smtp connection", "establish an smtp connection", "name server timeout", "name server", "nameserver", "dns lookup", "dns error", "dns failure", "dns query", "dns server", "servfail", "could not be resolved", "unable to resolve", "cannot resolve", "unable to route", "delivery loop", "bad gateway", "no mail hosts for domain", "no hosts", "temporary lookup failure", "mx record", "tls negotiation", "tls handshake", "starttls", "certificate", "conversation with", "remote host", "mx lookup",
];

const POLICY: &[&str] = &[
    "policy", "policies", "administratively", "administrative", "access denied", "denied by", "prohibited", "not allowed", "not permitted", "permission denied", "forbidden", "unauthorized", "not authorized", "security", "rejected by", "local configuration", "transaction failed", "message rejected", "message refused", "message was rejected", "mail rejected", "mail refused", "email rejected", "email refused", "delivery refused", "refuse", "rules", "rejected for", "protocol error", "syntax error", "command not recognized", "bad sequence", "not implemented",
];

const SYSTEM: &[&str] = &[
    "system error", "internal error", "server error", "local error", "configuration error", "config error", "software error", "error in processing", "processing error", "command died", "command failed", "command output", "process failed", "pipe", "exit status", "exit code", "returned code", "disk full", "no space left", "insufficient system", "insufficient disk", "system full", "storage", "cannot open", "cannot append", "cant create", "cannot create", "lock", "i o error", "out of memory", "program", "aliasing", "include loop", "forwarding", "unable to", "local delivery failed", "temporary", "service unavailable", "service not available", "could not", "cannot", "unknown mailer error", "failure",
];

const REFUSED: &[&str] = &[
    "mailbox unavailable", "mailbox not available", "mailbox is unavailable", "recipient rejected", "recipient address rejected", "recipient refused", "recipient not accepted", "not accepted", "unavailable", "rejected", "denied", "failed",
];

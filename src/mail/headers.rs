//! The headers that say what kind of mail this is: RFC 2919 and 2369 for lists, RFC 3834 for
//! machines, Feedback-ID for providers. Only what is true is said: there is no
//! List-Unsubscribe before there is a page and an address that act on it.

use crate::model::EmailAddress;

/// Who runs the list.
#[derive(Clone, Debug)]
pub struct List {
    /// Its name, shown to people.
    pub name: String,
    /// Its RFC 2919 identifier.
    pub id: String,
    /// Who answers questions about it.
    pub contact: EmailAddress,
    /// 5 to 15 characters by which providers know the sender.
    pub sender_id: String,
}

/// The headers of a digest of `day` (`YYYY-MM-DD`), in their order.
pub fn list_headers(list: &List, day: &str) -> Vec<(&'static str, String)> {
    let name: String = list
        .name
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '<' | '>' | '"' | '\\'))
        .collect();
    let contact = &list.contact;
    vec![
        ("List-Id", format!("{} <{}>", name.trim(), list.id)),
        ("List-Help", format!("<mailto:{contact}?subject=help>")),
        ("List-Owner", format!("<mailto:{contact}>")),
        ("List-Post", "NO".to_owned()),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("Precedence", "bulk".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
        ("Feedback-ID", format!("digest:{day}:paperround:{}", list.sender_id)),
    ]
}

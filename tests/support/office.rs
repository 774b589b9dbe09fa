//! Somebody who is logged in to the admin pages of a test's site.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use paperround::admins::By;
use paperround::model::Role;

use super::site::{Answer, FORM, Site};

pub const PASSWORD: &str = "correct horse battery";

/// A browser with a cookie.
pub struct Visitor<'a> {
    pub site: &'a Site,
    pub name: String,
    pub cookie: String,
}

/// The path of a new one-time link.
pub async fn link(site: &Site, name: &str, role: Role) -> String {
    let link = site.app.admins().add(name, role, &By::command_line()).await.unwrap();
    path(&link.address)
}

pub fn path(address: &str) -> String {
    address[address.find("/admin/").unwrap()..].to_owned()
}

/// `name=value` of the cookie that an answer sets.
pub fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl<'a> Visitor<'a> {
    /// An account with a password, logged in by its one-time link.
    pub async fn enter(site: &'a Site, name: &str, role: Role) -> Self {
        let link = link(site, name, role).await;
        let fields = encoded(&[("password", PASSWORD), ("again", PASSWORD)]);
        let answer = site.post(&link, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        let cookie = cookie(&answer);
        assert!(cookie.len() > 40, "{}", answer.head);
        Self { site, name: name.to_owned(), cookie }
    }

    /// By name and password.
    pub async fn log_in(site: &'a Site, name: &str) -> Self {
        let fields = encoded(&[("name", name), ("password", PASSWORD)]);
        let answer = site.post("/admin/login", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        Self { site, name: name.to_owned(), cookie: cookie(&answer) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.site.ask("GET", path, &format!("Cookie: a=b; {}\r\n", self.cookie), b"").await
    }

    /// Sends a form with the token that our pages put into theirs.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token().await;
        let mut all = vec![("token", token.as_str())];
        all.extend(fields);
        self.post_as_is(path, "", &encoded(&all)).await
    }

    pub async fn post_as_is(&self, path: &str, headers: &str, body: &str) -> Answer {
        let headers = format!("{FORM}Cookie: {}\r\n{headers}", self.cookie);
        self.site.ask("POST", path, &headers, body.as_bytes()).await
    }

    /// What a page's forms carry.
    pub async fn token(&self) -> String {
        let page = self.get("/admin/account").await;
        let (_, rest) = page.body.split_once("name=\"token\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    pub async fn is_in(&self) -> bool {
        self.get("/admin/account").await.status == 200
    }
}

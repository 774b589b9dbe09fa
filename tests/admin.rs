//! The admin pages over a real socket: who comes in, what each role may do, what a form must
//! carry, how guessing is slowed down, and what the audit log says of it all.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use assert_cmd::Command;
use paperround::admins::{By, code_at};
use paperround::model::Role;
use paperround::store::AuditFilter;
use paperround::web::{Need, admin_routes};
use support::office::{PASSWORD, Visitor, cookie, encoded, link, path};
use support::site::Site;

/// A path that a route leads to.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|piece| match piece {
            "{*rest}" => "no/such/page",
            piece if piece.starts_with('{') => "1",
            piece => piece,
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_what_it_needs() {
    let site = Site::start().await;
    site.fill().await;
    let admin = Visitor::enter(&site, "ada", Role::Admin).await;
    let reader = Visitor::enter(&site, "rea", Role::Reader).await;
    let (token, readers_token) = (admin.token().await, reader.token().await);
    let routes = admin_routes();
    assert!(routes.iter().filter(|route| route.need == Need::Change).count() >= 3);
    for route in &routes {
        let path = filled(route.path);
        let what = format!("{} {path}", route.method);
        // Only the way in changes anything for somebody who is not in.
        let is_deed = route.method == "POST";
        assert!(is_deed || !matches!(route.need, Need::Own | Need::Change), "{what} by a look");
        let anybody = site.ask(route.method.as_str(), &path, support::site::FORM, b"").await;
        match (route.need, is_deed) {
            (Need::Nobody, _) => assert_ne!(anybody.status, 303, "{what}"),
            (_, true) => assert_eq!(anybody.status, 401, "{what}"),
            (_, false) => {
                assert_eq!(anybody.status, 303, "{what}");
                assert!(anybody.header("location").starts_with("/admin/login"), "{what}");
            }
        }
        assert!(!anybody.body.contains("no longer"), "{what} tells strangers what there is");
        if !is_deed {
            for visitor in [&admin, &reader] {
                let seen = visitor.get(&path).await;
                assert!(![401, 403, 500, 503].contains(&seen.status), "{what}: {}", seen.status);
            }
            continue;
        }
        if route.need == Need::Nobody {
            continue;
        }
        // Without the token of the session nothing is done, whoever asks.
        for (visitor, others) in [(&admin, &readers_token), (&reader, &token)] {
            for body in [String::new(), "token=".to_owned(), encoded(&[("token", others)])] {
                let seen = visitor.post_as_is(&path, "", &body).await;
                assert_eq!(seen.status, 403, "{what} with {body:?}");
            }
        }
        if route.need == Need::Change {
            let body = encoded(&[("token", readers_token.as_str())]);
            let seen = reader.post_as_is(&path, "", &body).await;
            assert_eq!(seen.status, 403, "{what} by a reader");
            assert!(seen.body.contains("may look and not change"), "{what}");
        }
    }
    // What there is not looks the same to strangers as what there is.
    for path in ["/admin/queue", "/admin/nothing/of/that/name", "/admin/config"] {
        let seen = site.get(path).await;
        assert_eq!((seen.status, seen.body.as_str()), (303, ""), "{path}");
    }
    for path in ["/admin/logout", "/admin/config/check", "/admin/nothing"] {
        assert_eq!(site.get(path).await.status, 303, "{path}");
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
    for path in ["/admin", "/admin/audit", "/admin/nothing"] {
        assert_eq!(site.post(path, "").await.status, 401, "{path}");
        assert_eq!(admin.post(path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(site.ask("DELETE", "/admin/queue", "", b"").await.status, 405);
    assert_eq!(site.ask("DELETE", "/admin/nothing", "", b"").await.status, 405);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slash_too_many_leads_to_the_page() {
    let site = Site::start().await;
    let seen = site.get("/admin/").await;
    assert_eq!((seen.status, seen.header("location")), (308, "/admin"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_how_they_are_to_be_treated() {
    let site = Site::start().await;
    let admin = Visitor::enter(&site, "ada", Role::Admin).await;
    for seen in [admin.get("/admin/account").await, site.get("/admin/login").await] {
        assert_eq!(seen.header("cache-control"), "no-store");
        assert!(seen.header("x-robots-tag").contains("noindex"));
        assert!(seen.header("content-security-policy").contains("style-src 'self'"));
        assert!(!seen.body.contains("style=") && !seen.body.contains("<script"), "{}", seen.body);
    }
    assert!(site.get("/robots.txt").await.body.contains("Disallow: /admin\n"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_good_once_and_for_a_day() {
    let site = Site::start().await;
    let link = link(&site, "Ada", Role::Admin).await;
    // Looking uses nothing up, nor does a password that is refused.
    for _ in 0..2 {
        let seen = site.get(&link).await;
        assert!(seen.status == 200 && seen.body.contains("Welcome, ada"), "{}", seen.body);
    }
    for (password, again, words) in [
        ("short", "short", "12 characters or more"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "easily guessed"),
        (PASSWORD, "correct horse batterz", "not the same"),
    ] {
        let seen = site.post(&link, &encoded(&[("password", password), ("again", again)])).await;
        assert!(seen.status == 422 && seen.body.contains(words), "{password}: {}", seen.body);
        assert!(!seen.body.contains(PASSWORD));
    }
    let fields = encoded(&[("password", PASSWORD), ("again", PASSWORD)]);
    let done = site.post(&link, &fields).await;
    assert_eq!((done.status, done.header("location")), (303, "/admin/account/codes?said=chosen"));
    let set = done.header("set-cookie");
    for part in ["__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/;"] {
        assert!(set.contains(part), "{set}");
    }
    for seen in [site.get(&link).await, site.post(&link, &fields).await] {
        assert!(seen.status == 404 && seen.body.contains("This link does not work"));
        assert_eq!(seen.header("set-cookie"), "");
    }
    // A new one ends what there was; the old password counts until it is used.
    let ada = Visitor::log_in(&site, "ADA").await;
    let admins = site.app.admins();
    let first = path(&admins.new_link("ada", &By::command_line()).await.unwrap().address);
    assert!(!ada.is_in().await);
    let second = path(&admins.new_link("ada", &By::command_line()).await.unwrap().address);
    assert_eq!((site.get(&first).await.status, site.get(&second).await.status), (404, 200));
    site.later(25);
    assert_eq!(site.post(&second, &fields).await.status, 404);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let other = Visitor::log_in(&site, "ada").await;
    assert_ne!(ada.cookie, other.cookie);
    let page = ada.get("/admin/account").await.body;
    assert_eq!(page.matches("End it</button>").count(), 1, "not one's own");
    let at = page.find("/admin/account/sessions/").unwrap();
    let end: String = page[at..].chars().take_while(|c| *c != '"').collect();
    assert_eq!(ada.post(&end, &[]).await.status, 303);
    assert!(ada.is_in().await && !other.is_in().await);
    // Nobody ends another's.
    let bob = Visitor::enter(&site, "bob", Role::Admin).await;
    let page = bob.get("/admin/account").await.body;
    assert!(!page.contains("/end\""));
    let visit = site.app.admins().visit(ada.cookie.split_once('=').unwrap().1).await.unwrap();
    let id = visit.unwrap().session.id;
    assert_eq!(bob.post(&format!("/admin/account/sessions/{id}/end"), &[]).await.status, 404);
    assert!(ada.is_in().await);

    assert_eq!(ada.post("/admin/logout", &[]).await.status, 303);
    assert!(!ada.is_in().await, "the cookie is worth nothing any more");

    // Idle for twelve hours, or a week old.
    let ada = Visitor::log_in(&site, "ada").await;
    site.later(11);
    assert!(ada.is_in().await);
    site.later(11);
    assert!(ada.is_in().await, "a look counts");
    site.later(13);
    assert!(!ada.is_in().await);
    let ada = Visitor::log_in(&site, "ada").await;
    for _ in 0..16 {
        site.later(10);
        assert!(ada.is_in().await);
    }
    site.later(9);
    assert!(!ada.is_in().await, "a week is over");

    // A new password, and another role.
    let (ada, other) = (Visitor::log_in(&site, "ada").await, Visitor::log_in(&site, "ada").await);
    let new = "another good password";
    let fields = [("present", "wrong"), ("password", new), ("again", new)];
    let seen = ada.post("/admin/account/password", &fields).await;
    assert!(seen.status == 422 && seen.body.contains("not your present password"));
    let fields = [("present", PASSWORD), ("password", new), ("again", new)];
    let seen = ada.post("/admin/account/password", &fields).await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    assert!(!ada.is_in().await && !other.is_in().await);
    let ada = Visitor { cookie: cookie(&seen), ..ada };
    assert!(ada.is_in().await);
    site.app.admins().set_role("ada", Role::Reader, false, &By::command_line()).await.unwrap();
    assert!(!ada.is_in().await);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_other_sites_do_nothing() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let body = encoded(&[("token", &ada.token().await)]);
    for header in ["Sec-Fetch-Site: cross-site\r\n", "Origin: https://evil.test\r\n"] {
        let seen = ada.post_as_is("/admin/logout", header, &body).await;
        assert_eq!(seen.status, 403, "{header}");
        let login = encoded(&[("name", "ada"), ("password", PASSWORD)]);
        let headers = format!("{}{header}", support::site::FORM);
        let seen = site.ask("POST", "/admin/login", &headers, login.as_bytes()).await;
        assert_eq!((seen.status, seen.header("set-cookie")), (403, ""), "{header}");
    }
    assert!(ada.is_in().await);
    for header in ["Sec-Fetch-Site: same-origin\r\n", "Origin: https://digest.example\r\n"] {
        let seen = ada.post_as_is("/admin/account/codes/prepare", header, &body).await;
        assert_eq!(seen.status, 303, "{header}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_and_the_owner_still_comes_in() {
    let site = Site::start_with("[server]\ntrusted_proxies = [\"127.0.0.1\"]\n").await;
    let from = |network: u8, name: &str, password: &str| {
        let headers = format!("{}X-Forwarded-For: 198.51.{network}.7\r\n", support::site::FORM);
        let body = encoded(&[("name", name), ("password", password)]);
        let site = &site;
        async move { site.ask("POST", "/admin/login", &headers, body.as_bytes()).await }
    };
    let link = link(&site, "ada", Role::Admin).await;
    site.post(&link, &encoded(&[("password", PASSWORD), ("again", PASSWORD)])).await;
    assert_eq!(from(1, "ada", PASSWORD).await.status, 303);

    // The same answer for a wrong password and for nobody.
    let (wrong, nobody) = (from(2, "ada", "x").await, from(3, "nobody", "x").await);
    assert_eq!((wrong.status, nobody.status), (401, 401));
    assert_eq!(wrong.body.replace("ada", "?"), nobody.body.replace("nobody", "?"));

    // One network waits, whatever names it tries.
    for n in 0..4 {
        assert_eq!(from(4, &format!("n{n}"), "x").await.status, 401);
    }
    assert_eq!(from(4, "n5", "x").await.status, 401);
    let seen = from(4, "ada", PASSWORD).await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, "2"), "even with the password");
    site.app.clock.set(site.app.clock.now() + jiff::SignedDuration::from_secs(2));
    assert_eq!(from(4, "n6", "x").await.status, 401);
    let wait: u64 = from(4, "n7", "x").await.header("retry-after").parse().unwrap();
    assert_eq!(wait, 3, "twice as long");

    // Many networks at one account: it waits, but not from where its owner is known.
    for network in 10..30 {
        let _ = from(network, "ada", "x").await;
    }
    assert_eq!(from(40, "ada", PASSWORD).await.status, 429);
    assert_eq!(from(1, "ada", PASSWORD).await.status, 303);
    // Nor for ever from elsewhere.
    site.app.clock.set(site.app.clock.now() + jiff::SignedDuration::from_secs(61));
    assert_eq!(from(40, "ada", PASSWORD).await.status, 303);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_asked_for_and_each_is_good_once() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let page = ada.get("/admin/account/codes").await.body;
    assert!(page.contains("<svg class=\"qr\""), "set up with the welcome: {page}");
    let key = page.split("<code class=\"key\">").nth(1).unwrap().split('<').next().unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(key.replace(' ', "").as_bytes()).unwrap();
    assert_eq!(secret.len(), 20);
    let code = |ahead: i64| code_at(&secret, site.app.clock.now().as_second() + ahead);

    let seen = ada.post("/admin/account/codes", &[("code", "000000")]).await;
    assert!(seen.status == 422 && seen.body.contains("not the present code"));
    assert_eq!(ada.get("/admin/account/codes").await.body, page, "the same key still");
    let seen = ada.post("/admin/account/codes", &[("code", &code(0))]).await;
    assert_eq!(seen.status, 200, "{}", seen.body);
    let codes: Vec<String> = seen
        .body
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    assert!(!ada.get("/admin/account/codes").await.body.contains(&codes[0]), "shown once");

    let half = async || {
        let fields = encoded(&[("name", "ada"), ("password", PASSWORD)]);
        let seen = site.post("/admin/login", &fields).await;
        assert_eq!((seen.status, seen.header("set-cookie")), (200, ""), "no session by half");
        let (_, rest) = seen.body.split_once("name=\"ticket\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let finish = async |ticket: &str, code: &str| {
        site.post("/admin/login/code", &encoded(&[("ticket", ticket), ("code", code)])).await
    };
    let ticket = half().await;
    assert_eq!(finish(&ticket, &code(0)).await.status, 401, "used up by setting up");
    assert_eq!(finish(&ticket, &code(30)).await.status, 303, "a clock may be half a minute off");
    assert_eq!(finish(&ticket, &code(30)).await.status, 401, "never twice");
    assert_eq!(finish(&ticket, &code(90)).await.status, 401);
    assert_eq!(finish("1.2.3", &code(0)).await.status, 401);
    let seen = finish(&half().await, &codes[3].to_uppercase().replace('-', " ")).await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    assert_eq!(finish(&half().await, &codes[3]).await.status, 401, "a recovery code, too");
    site.later(1);
    let ticket = half().await;
    site.later(1);
    let seen = finish(&ticket, &code(0)).await;
    assert!(seen.body.contains("begin again"), "an old ticket: {}", seen.body);

    // Whoever has a new link does not get past the codes by it.
    let link = site.app.admins().new_link("ada", &By::command_line()).await.unwrap();
    let fields = encoded(&[("password", PASSWORD), ("again", PASSWORD)]);
    let seen = site.post(&path(&link.address), &fields).await;
    assert_eq!(seen.header("location"), "/admin/login?said=chosen");
    let ticket = half().await;
    let seen = finish(&ticket, &code(0)).await;
    assert_eq!(seen.status, 303, "{}", seen.body);
    let ada = Visitor { site: &site, name: "ada".to_owned(), cookie: cookie(&seen) };
    assert_eq!(ada.post("/admin/account/codes/end", &[("password", "x")]).await.status, 422);
    assert_eq!(ada.post("/admin/account/codes/end", &[("password", PASSWORD)]).await.status, 303);
    let ada = Visitor::log_in(&site, "ada").await;
    assert!(ada.is_in().await);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_is_never_removed_unawares() {
    let site = Site::start().await;
    let admins = site.app.admins();
    let by = By::command_line();
    admins.add("ada", Role::Admin, &by).await.unwrap();
    admins.add("rea", Role::Reader, &by).await.unwrap();
    assert!(admins.add("ADA", Role::Admin, &by).await.is_err(), "a name is taken once");
    assert!(admins.remove("ada", false, &by).await.is_err());
    assert!(admins.set_role("ada", Role::Reader, false, &by).await.is_err());
    admins.set_role("rea", Role::Admin, false, &by).await.unwrap();
    admins.remove("ada", false, &by).await.unwrap();
    assert!(admins.remove("rea", false, &by).await.is_err());
    admins.remove("rea", true, &by).await.unwrap();
    assert!(admins.list().await.unwrap().is_empty());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_who_did_what_and_no_secret() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let _ = site.post("/admin/login", &encoded(&[("name", "ada"), ("password", "wr0ng")])).await;
    ada.post("/admin/logout", &[]).await;
    let rows = site.app.store.audit(&AuditFilter::default(), 0, 100).await.unwrap();
    let told: Vec<(&str, &str, &str, &str)> = rows
        .iter()
        .rev()
        .map(|row| (row.who.as_str(), row.network.as_str(), row.what.as_str(), row.about.as_str()))
        .collect();
    let local = "127.0.0.0/24";
    let shell = "the command line";
    assert_eq!(
        told,
        [
            (shell, "", "account.add", "ada"),
            ("ada", local, "account.password", "ada"),
            ("ada", local, "login", "ada"),
            ("somebody", local, "login.failed", "ada"),
            ("ada", local, "logout", "ada"),
        ]
    );
    let text = format!("{rows:?}");
    let cookie = ada.cookie.split_once('=').unwrap().1;
    let secrets = [PASSWORD, cookie, "argon2", "wr0ng"];
    assert!(secrets.iter().all(|secret| !text.contains(secret)));
    // Nor do the files of the database.
    let folder = site.end().await;
    for entry in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        for secret in [PASSWORD, cookie] {
            assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_can_be_off_or_for_some_networks_only() {
    let site = Site::start_with("[admin]\npages = false\n").await;
    assert_eq!(site.get("/admin").await.status, 404);
    assert_eq!(site.get("/admin/login").await.status, 404);
    site.end().await;
    let site = Site::start_with("[admin]\nnetworks = [\"192.0.2.0/24\"]\n").await;
    let seen = site.get("/admin/login").await;
    let missing = site.get("/nothing").await;
    // Each answer names its own request.
    let words = |body: &str| body.split("<small>").next().unwrap().to_owned();
    assert_eq!((seen.status, words(&seen.body)), (404, words(&missing.body)));
    site.end().await;
    let more = "[admin]\nnetworks = [\"192.0.2.0/24\"]\n\
                [server]\ntrusted_proxies = [\"127.0.0.1\"]\n";
    let site = Site::start_with(more).await;
    let seen = site.ask("GET", "/admin/login", "X-Forwarded-For: 192.0.2.9\r\n", b"").await;
    assert_eq!(seen.status, 200);
    site.end().await;
}

/// The program itself, on an installation of its own.
#[test]
fn accounts_are_made_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("paperround.toml");
    let text = "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n\
                [mail]\nfrom = \"papers@digest.example\"\n\
                [[mail.relays]]\nurl = \"folder:out\"\n";
    std::fs::write(&config, text).unwrap();
    let run = |code: i32, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        let output = command.arg("-c").arg(&config).arg("-q").args(args).output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
        (out, err)
    };
    assert!(run(0, &["admin", "list"]).0.contains("none yet"));
    let (out, _) = run(0, &["admin", "add", "Ada"]);
    assert!(out.starts_with("ada (admin) chooses a password here, once, until "), "{out}");
    assert!(out.contains("\n  https://digest.example/admin/welcome/"), "{out}");
    let (out, _) = run(0, &["--json", "admin", "add", "rea", "--role", "reader"]);
    let made: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((made["name"].as_str(), made["role"].as_str()), (Some("rea"), Some("reader")));
    assert!(run(1, &["admin", "add", "ada"]).1.contains("paperround admin password ada"));
    assert!(run(2, &["admin", "add", "a b"]).1.contains("cannot be a name"));
    assert!(run(1, &["admin", "password", "nobody"]).1.contains("there is no account nobody"));
    let (again, _) = run(0, &["admin", "password", "ada"]);
    assert!(again.contains("/admin/welcome/"));
    let (out, _) = run(0, &["--json", "admin", "list"]);
    let names: Vec<&str> = out.lines().filter_map(|line| line.split('"').nth(3)).collect();
    assert_eq!(out.lines().count(), 2, "{names:?}");
    assert!(!out.contains("welcome") && !out.contains("argon2"));
    assert!(run(1, &["admin", "remove", "ada"]).1.contains("--last"));
    assert!(run(1, &["admin", "role", "ada", "reader"]).1.contains("--last"));
    run(0, &["admin", "role", "rea", "admin"]);
    run(0, &["admin", "totp", "rea", "--reset"]);
    assert!(run(0, &["admin", "remove", "ada"]).0.contains("ada: removed"));
    run(0, &["admin", "remove", "rea", "--last"]);
    assert!(run(0, &["admin", "list"]).0.contains("none yet"));
}

//! `report`: a report of each sent digest that did not arrive, as Postfix writes it, to the address
//! that the digest came from (VERP), handed to whoever takes mail, over connections that stay open.
//! Half of them are of mailboxes that do not exist, half of full ones. All are written before
//! the first is sent.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use paperround::clock::Clock;
use paperround::model::DeliveryState;
use paperround::store::QueueFilter;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::house::House;
use crate::web::readers;

struct Report {
    envelope: String,
    mail: String,
}

pub(crate) async fn report(
    house: &House,
    to: SocketAddr,
    connections: usize,
    count: usize,
) -> anyhow::Result<Value> {
    let reports = Arc::new(reports(house, count).await?);
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    let begun = Instant::now();
    for _ in 0..connections {
        tasks.push(tokio::spawn(hand_over(to, Arc::clone(&reports), Arc::clone(&next))));
    }
    for task in tasks {
        task.await??;
    }
    let wall = begun.elapsed().as_secs_f64();
    let bytes: usize = reports.iter().map(|one| one.mail.len()).sum();
    Ok(json!({ "mails": reports.len(), "wall_s": wall, "mail_bytes": bytes / reports.len() }))
}

/// Hands over what is left on one connection, as Postfix does: an envelope in one piece
/// (RFC 2920), then the mail.
async fn hand_over(
    to: SocketAddr,
    reports: Arc<Vec<Report>>,
    next: Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    expect(&mut stream, "220").await?;
    stream.write_all(b"EHLO mx.example.net\r\n").await?;
    expect(&mut stream, "250").await?;
    while let Some(report) = reports.get(next.fetch_add(1, Ordering::Relaxed)) {
        stream.write_all(report.envelope.as_bytes()).await?;
        for code in ["250", "250", "354"] {
            expect(&mut stream, code).await?;
        }
        stream.write_all(report.mail.as_bytes()).await?;
        expect(&mut stream, "250").await?;
    }
    stream.write_all(b"QUIT\r\n").await?;
    expect(&mut stream, "221").await
}

async fn expect(stream: &mut BufReader<TcpStream>, code: &str) -> anyhow::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        anyhow::ensure!(line.starts_with(code), "{code} was to be said, not {line:?}");
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

async fn reports(house: &House, count: usize) -> anyhow::Result<Vec<Report>> {
    let app = house.open(Clock::system()).await?;
    let links = app.links();
    let people: HashMap<String, _> = readers(&app.store, count)
        .await?
        .into_iter()
        .map(|reader| (reader.email.to_string(), reader.person()))
        .collect();
    let sent = QueueFilter { state: Some(DeliveryState::Sent), ..QueueFilter::default() };
    let date = app.clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let (mut reports, mut after) = (Vec::with_capacity(count), 0);
    while reports.len() < count {
        let page = app.store.queue(&sent, after, 1_000).await?;
        let last = page.last().context("fewer digests were sent than reports are wanted")?;
        after = last.id;
        for row in &page {
            let Some(person) = people.get(&row.email) else { continue };
            let verp = links.bounce_by_mail(*person, row.id).context("a mailbox for reports")?;
            reports.push(written(&verp, &row.email, row.id, &date));
        }
    }
    reports.truncate(count);
    app.close().await;
    Ok(reports)
}

fn written(verp: &str, reader: &str, row: i64, date: &str) -> Report {
    let (status, words) = match row % 2 {
        0 => ("5.1.1", "550 5.1.1 <READER>: Recipient address rejected: User unknown"),
        _ => ("4.2.2", "452 4.2.2 <READER>: The mailbox is full"),
    };
    let words = words.replace("READER", reader);
    let envelope = format!("MAIL FROM:<>\r\nRCPT TO:<{verp}>\r\nDATA\r\n");
    let mail = format!(
        "Received: by mx.example.net (Postfix)\r\n\tid 4dKf{row}; {date}\r\n\
         Date: {date}\r\nFrom: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nTo: {verp}\r\n\
         Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\
         \tboundary=\"4dKf{row}.1764061200/mx.example.net\"\r\n\
         Content-Transfer-Encoding: 8bit\r\n\
         Message-Id: <4dKf{row}.dsn@mx.example.net>\r\n\r\n\
         This is a MIME-encapsulated message.\r\n\r\n\
         --4dKf{row}.1764061200/mx.example.net\r\nContent-Description: Notification\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         This is the mail system at host mx.example.net.\r\n\r\n\
         I'm sorry to have to inform you that your message could not\r\n\
         be delivered to one or more recipients. It's attached below.\r\n\r\n\
         For further assistance, please send mail to postmaster.\r\n\r\n\
         If you do so, please include this problem report. You can\r\n\
         delete your own text from the attached returned message.\r\n\r\n\
         \x20                  The mail system\r\n\r\n\
         <{reader}>: host mx.example.org[192.0.2.25] said: {words}\r\n\
         \x20   (in reply to RCPT TO command)\r\n\r\n\
         --4dKf{row}.1764061200/mx.example.net\r\nContent-Description: Delivery report\r\n\
         Content-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.net\r\nX-Postfix-Queue-ID: 4dKf{row}\r\n\
         X-Postfix-Sender: rfc822; {verp}\r\nArrival-Date: {date}\r\n\r\n\
         Final-Recipient: rfc822; {reader}\r\nOriginal-Recipient: rfc822;{reader}\r\n\
         Action: failed\r\nStatus: {status}\r\nRemote-MTA: dns; mx.example.org\r\n\
         Diagnostic-Code: smtp; {words}\r\n\r\n\
         --4dKf{row}.1764061200/mx.example.net\r\n\
         Content-Description: Undelivered Message Headers\r\n\
         Content-Type: text/rfc822-headers\r\n\r\n\
         Return-Path: <{verp}>\r\nDate: {date}\r\n\
         From: Paper Round <papers@digest.example>\r\nTo: {reader}\r\n\
         Subject: Nine papers of the day\r\nMessage-ID: <d.{row}@digest.example>\r\n\
         List-Id: <papers.digest.example>\r\n\
         Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
         --4dKf{row}.1764061200/mx.example.net--\r\n.\r\n"
    );
    Report { envelope, mail }
}

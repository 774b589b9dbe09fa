//! A DNS server of a test's own, by UDP and TCP: it says what it was told to say, and fails, or keeps
//! silent, where it was told to.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use mail_auth::hickory_resolver::proto::op::{Message, ResponseCode};
use mail_auth::hickory_resolver::proto::rr::rdata::{CNAME, MX, PTR, TXT};
use mail_auth::hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

/// What is said to one question.
#[derive(Clone)]
enum Said {
    These(Vec<RData>),
    Fails,
    Nothing,
}

type Zone = Arc<Mutex<HashMap<(String, RecordType), Said>>>;

pub struct Dns {
    pub addr: SocketAddr,
    zone: Zone,
}

impl Dns {
    pub async fn start() -> Self {
        let zone = Zone::default();
        // The same port by both, as resolvers want it.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let addr = udp.local_addr().unwrap();
        tokio::spawn(by_udp(udp, Arc::clone(&zone)));
        tokio::spawn(by_tcp(tcp, Arc::clone(&zone)));
        Self { addr, zone }
    }

    fn put(&self, name: &str, kind: RecordType, said: Said) {
        self.zone.lock().unwrap().insert((name.to_lowercase(), kind), said);
    }

    /// These records and no others.
    pub fn txt(&self, name: &str, values: &[&str]) -> &Self {
        let text = |value: &&str| {
            let strings = value.as_bytes().chunks(255);
            let strings = strings.map(|part| String::from_utf8(part.to_vec()).unwrap());
            RData::TXT(TXT::new(strings.collect()))
        };
        self.put(name, RecordType::TXT, Said::These(values.iter().map(text).collect()));
        self
    }

    pub fn address(&self, name: &str, addresses: &[&str]) -> &Self {
        let (mut four, mut six) = (Vec::new(), Vec::new());
        for address in addresses {
            match address.parse().unwrap() {
                IpAddr::V4(ip) => four.push(RData::A(ip.into())),
                IpAddr::V6(ip) => six.push(RData::AAAA(ip.into())),
            }
        }
        self.put(name, RecordType::A, Said::These(four));
        self.put(name, RecordType::AAAA, Said::These(six));
        self
    }

    pub fn mx(&self, name: &str, hosts: &[&str]) -> &Self {
        let mx = |host: &&str| RData::MX(MX::new(10, full(host)));
        self.put(name, RecordType::MX, Said::These(hosts.iter().map(mx).collect()));
        self
    }

    pub fn ptr(&self, name: &str, names: &[&str]) -> &Self {
        let ptr = |name: &&str| RData::PTR(PTR(full(name)));
        self.put(name, RecordType::PTR, Said::These(names.iter().map(ptr).collect()));
        self
    }

    pub fn alias(&self, name: &str, of: &str) -> &Self {
        self.put(name, RecordType::CNAME, Said::These(vec![RData::CNAME(CNAME(full(of)))]));
        self
    }

    /// SERVFAIL.
    pub fn fails(&self, name: &str, kind: RecordType) -> &Self {
        self.put(name, kind, Said::Fails);
        self
    }

    /// No answer at all.
    pub fn silent(&self, name: &str, kind: RecordType) -> &Self {
        self.put(name, kind, Said::Nothing);
        self
    }

    pub fn forget(&self, name: &str) -> &Self {
        self.zone.lock().unwrap().retain(|(known, _), _| known != name);
        self
    }
}

fn full(name: &str) -> Name {
    let mut name = Name::from_str_relaxed(name).unwrap();
    name.set_fqdn(true);
    name
}

async fn by_udp(socket: UdpSocket, zone: Zone) {
    let mut buffer = [0_u8; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        if let Some(answer) = answer(&buffer[..length], &zone) {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

async fn by_tcp(listener: TcpListener, zone: Zone) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&zone)));
    }
}

/// RFC 1035 4.2.2: each message after its length.
async fn converse(mut stream: TcpStream, zone: Zone) {
    while let Ok(length) = stream.read_u16().await {
        let mut asked = vec![0; usize::from(length)];
        if stream.read_exact(&mut asked).await.is_err() {
            return;
        }
        let Some(answer) = answer(&asked, &zone) else { continue };
        let _ = stream.write_u16(answer.len() as u16).await;
        let _ = stream.write_all(&answer).await;
    }
}

fn answer(asked: &[u8], zone: &Zone) -> Option<Vec<u8>> {
    let asked = Message::from_vec(asked).ok()?;
    let question = asked.queries.first()?.clone();
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata.recursion_desired = true;
    answer.metadata.recursion_available = true;
    answer.add_query(question.clone());
    let zone = zone.lock().unwrap();
    let mut name = question.name.to_ascii().trim_end_matches('.').to_lowercase();
    let mut owner = question.name.clone();
    // As a resolver does, aliases are followed.
    while let Some(Said::These(found)) = zone.get(&(name.clone(), RecordType::CNAME)) {
        let Some(RData::CNAME(of)) = found.first() else { break };
        answer.add_answer(Record::from_rdata(owner, 60, RData::CNAME(of.clone())));
        owner = of.0.clone();
        name = owner.to_ascii().trim_end_matches('.').to_lowercase();
    }
    match zone.get(&(name.clone(), question.query_type)) {
        Some(Said::Nothing) => return None,
        Some(Said::Fails) => answer.metadata.response_code = ResponseCode::ServFail,
        Some(Said::These(found)) => {
            for data in found {
                answer.add_answer(Record::from_rdata(owner.clone(), 60, data.clone()));
            }
        }
        None if !zone.keys().any(|(known, _)| *known == name) => {
            answer.metadata.response_code = ResponseCode::NXDomain;
        }
        None => {}
    }
    answer.to_vec().ok()
}

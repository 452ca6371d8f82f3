//! A vendor that costs next to nothing: pages of users out of memory, made once. The list is as long as its endpoint
//! says, `/scim/1/<users>/v2`.
//!
//! A page is copied and its numbers are filled in; nothing of a request is looked at but `startIndex` and `count`.

use std::fmt::Write as _;
use std::io::Read as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A running responder, in a process of its own. It ends with this.
pub(crate) struct Responder {
    process: std::process::Child,
    origin: String,
}

impl Responder {
    pub(crate) fn start() -> Responder {
        Responder::start_away(0)
    }

    /// One that takes so many milliseconds to answer.
    pub(crate) fn start_away(milliseconds: u32) -> Responder {
        use std::io::BufRead as _;
        use std::process::{Command, Stdio};
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["responder", &milliseconds.to_string()]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut origin = String::new();
        std::io::BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut origin).unwrap();
        Responder { process, origin: origin.trim().to_owned() }
    }

    /// Where a list of so many users is.
    pub(crate) fn endpoint(&self, users: u32) -> String {
        format!("{}/scim/1/{users}/v2", self.origin)
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The process of a responder, `responder MILLISECONDS`: prints where it is, and answers until its input ends.
pub(crate) fn serve(arguments: &[String]) {
    let latency = Duration::from_millis(arguments[0].parse().unwrap());
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let page: &'static Page = Box::leak(Box::new(Page::new()));
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            connection.set_nodelay(true).unwrap();
            tokio::spawn(async move { answer(connection, page, latency).await });
        }
    });
}

async fn answer(mut connection: TcpStream, page: &Page, latency: Duration) -> Option<()> {
    let (mut request, mut reply) = (Vec::with_capacity(4096), Vec::with_capacity(128 << 10));
    loop {
        let end = loop {
            if let Some(at) = request.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if connection.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        };
        let line = std::str::from_utf8(request.split(|byte| *byte == b'\r').next()?).ok()?;
        let users = line.split("/scim/1/").nth(1)?.split('/').next()?.parse().ok()?;
        let parameter = |name: &str| -> Option<u32> {
            line.split(['?', '&', ' ']).find_map(|part| part.strip_prefix(name)?.parse().ok())
        };
        page.write(&mut reply, parameter("startIndex=").unwrap_or(1), parameter("count=").unwrap_or(10), users);
        request.drain(..end);
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        connection.write_all(&reply).await.ok()?;
    }
}

/// The longest page (zpa-scim 5).
const LARGEST: u32 = 100;
/// Stands in a row where its number belongs.
const NUMBER: &str = "@@@@@@@";

/// The rows of a page, and where numbers belong in them.
struct Page {
    rows: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
    /// Where each row's numbers belong.
    numbers: Vec<Vec<usize>>,
}

impl Page {
    fn new() -> Page {
        let mut page = Page { rows: Vec::new(), ends: Vec::new(), numbers: Vec::new() };
        for at in 0..LARGEST {
            let start = page.rows.len() + usize::from(at > 0);
            let row = row();
            if at > 0 {
                page.rows.push(b',');
            }
            page.rows.extend_from_slice(row.as_bytes());
            page.ends.push(page.rows.len());
            page.numbers.push(row.match_indices(NUMBER).map(|(at, _)| start + at).collect());
        }
        page
    }

    /// The reply with `count` users from number `start` of so many.
    fn write(&self, reply: &mut Vec<u8>, start: u32, count: u32, users: u32) {
        let count = count.min(LARGEST).min((users + 1).saturating_sub(start));
        let length = count.checked_sub(1).and_then(|last| self.ends.get(last as usize)).copied().unwrap_or(0);
        let mut body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{users},"startIndex":{start},"itemsPerPage":{count},"Resources":["#
        );
        let head_length = body.len() + length + 2;
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\ncontent-length: {head_length}\r\n\r\n");
        reply.clear();
        reply.extend_from_slice(head.as_bytes());
        reply.extend_from_slice(body.as_bytes());
        let rows = reply.len();
        reply.extend_from_slice(&self.rows[..length]);
        for (number, places) in (start..start + count).zip(&self.numbers) {
            body.clear();
            write!(body, "{number:07}").unwrap();
            for place in places {
                reply[rows + place..][..NUMBER.len()].copy_from_slice(body.as_bytes());
            }
        }
        reply.extend_from_slice(b"]}");
    }
}

/// A user as a full record of ZPA's looks (zpa-scim 3), about 900 bytes.
fn row() -> String {
    [
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#,
        r#""id":"30@@@@@@@","externalId":"00u@@@@@@@","userName":"mara.lind.@@@@@@@@acme.example","displayName":"Mara Lind @@@@@@@","#,
        r#""name":{"givenName":"Mara","familyName":"Lind"},"nickName":"Mara","userType":"Employee","title":"Analyst","active":true,"#,
        r#""emails":[{"value":"mara.lind.@@@@@@@@acme.example"}],"#,
        r#""groups":[{"value":"7001","display":"Finance EU"},{"value":"7002","display":"VPN users"},{"value":"7003","display":"All staff"}],"#,
        r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"CC-40","department":"Reliability","division":"EMEA","organization":"Acme"},"#,
        r#""meta":{"created":"2024-02-11T08:30:05Z","lastModified":"2024-05-02T17:01:44Z","resourceType":"User","#,
        r#""location":"https://scim1.private.zscaler.com/scim/1/111222333444555666/v2/Users/30@@@@@@@"}}"#,
    ]
    .concat()
}

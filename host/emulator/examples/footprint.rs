//! How large and how fast the emulator is: start, memory, and a walk of the whole list by a reader that does no
//! more than count bytes, and the cost of one member more.
//! `cargo run --release -p portcullis-emulator --example footprint -- 1000000 40`
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "it prints figures for people")]

use std::error::Error;
use std::time::Instant;

use portcullis_emulator::{At, Auth, Emulator, Group, Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PAGE: u32 = 100;
const MEMBERS: u32 = 5_000;
const EDITS: u32 = 2_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut sizes = std::env::args().skip(1);
    let mut size = |default| sizes.next().map_or(Ok(default), |size| size.parse());
    let (users, groups) = (size(1_000_000)?, size(40)?);
    let began = Instant::now();
    let options = Options { users, groups, auth: Auth::None, record: 0, ..Options::default() };
    let emulator = Emulator::start(options).await?;
    println!("{users} users and {groups} groups in {:.2} s", began.elapsed().as_secs_f64());
    println!("{}", memory()?);

    let began = Instant::now();
    let mut stream = TcpStream::connect(emulator.address()).await?;
    let mut bytes = 0;
    for start in (1..=users).step_by(PAGE as usize) {
        bytes += page(&mut stream, start).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{:.0} users/s, {:.0} MB/s over one connection", f64::from(users) / seconds, bytes as f64 / seconds / 1e6);
    println!("{}", memory()?);
    drop(stream);
    membership(&emulator, users.min(MEMBERS)).await
}

/// Adds one member to a large group and removes it again, over and over.
async fn membership(emulator: &Emulator, members: u32) -> Result<(), Box<dyn Error>> {
    let all: Vec<String> = emulator.directory().users().take(members as usize).map(|user| user.id).collect();
    let Some((one, rest)) = all.split_first() else { return Ok(()) };
    let group = Group { members: rest.to_vec(), ..Group::new("Large") };
    let id = emulator.directory_mut().add_group(group, At::End)?;
    let mut stream = TcpStream::connect(emulator.address()).await?;
    let began = Instant::now();
    for _ in 0..EDITS {
        let add = format!(r#"{{"op":"add","path":"members","value":[{{"value":"{one}"}}]}}"#);
        patch(&mut stream, &id, &add).await?;
        patch(&mut stream, &id, &format!(r#"{{"op":"remove","path":"members[value eq \"{one}\"]"}}"#)).await?;
    }
    let each = began.elapsed().as_secs_f64() / f64::from(EDITS * 2);
    println!("{:.0} µs for one member of a group of {members}", each * 1e6);
    Ok(())
}

async fn patch(stream: &mut TcpStream, group: &str, operation: &str) -> Result<(), Box<dyn Error>> {
    let (target, body) =
        (format!("/scim/1/111222333444555666/v2/Groups/{group}"), format!(r#"{{"Operations":[{operation}]}}"#));
    let head = format!("PATCH {target} HTTP/1.1\r\nhost: emulator\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut reply = Vec::new();
    while !reply.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut reply).await? == 0 {
            return Err("the connection closed".into());
        }
    }
    if reply.starts_with(b"HTTP/1.1 204") { Ok(()) } else { Err(String::from_utf8_lossy(&reply).into()) }
}

/// Reads one page and answers the length of its body.
async fn page(stream: &mut TcpStream, start: u32) -> Result<usize, Box<dyn Error>> {
    let target = format!("/scim/1/111222333444555666/v2/Users?startIndex={start}&count={PAGE}");
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: emulator\r\n\r\n").as_bytes()).await?;
    let mut reply = Vec::with_capacity(128 * 1024);
    loop {
        if stream.read_buf(&mut reply).await? == 0 {
            return Err("the connection closed".into());
        }
        let Some(end) = reply.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(reply.get(..end).unwrap_or_default())?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.ok_or("no content-length")?.parse()?;
        let missing = (end + 4 + length).saturating_sub(reply.len());
        let have = reply.len();
        reply.resize(have + missing, 0);
        stream.read_exact(reply.get_mut(have..).unwrap_or_default()).await?;
        return Ok(length);
    }
}

/// Present and peak memory, as Linux tells it.
fn memory() -> Result<String, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let lines = status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    Ok(lines.collect::<Vec<_>>().join(", "))
}

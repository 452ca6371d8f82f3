//! A server that says what it is told to say, byte for byte, and keeps what it was asked.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// What the server does next.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Reads the head of a request and nothing of its body.
    Head,
    /// Reads a whole request.
    Request,
    /// Says this.
    Say(Vec<u8>),
    /// Says one byte after the other, again and again, a hundred in a second.
    Drip(&'static [u8]),
    /// Says nothing more and goes on listening.
    Finish,
    /// Does nothing until the other side is gone.
    Wait,
    /// Ends the connection by a reset.
    Reset,
}

/// A server on loopback. Dropping it stops it.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<String>>,
    client_certificates: Mutex<Vec<Option<CertificateDer<'static>>>>,
    connections: AtomicUsize,
}

impl Wire {
    /// Does this on every connection, again from the beginning as long as the connection lasts.
    pub(crate) async fn start(acts: Vec<Act>) -> Wire {
        Wire::start_with(move |_| acts.clone()).await
    }

    /// Answers every request with these bytes.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Wire {
        Wire::start(vec![Act::Request, Act::Say(answer.into())]).await
    }

    /// Answers every request with an empty success.
    pub(crate) async fn friendly() -> Wire {
        Wire::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await
    }

    /// Does what it is told for the connection of each number.
    pub(crate) async fn start_with(acts: impl Fn(usize) -> Vec<Act> + Send + 'static) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let seeing = Arc::clone(&seen);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = seeing.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, acts(number), Arc::clone(&seeing)));
            }
        });
        Wire { address, seen, accepting }
    }

    /// Does this on every connection, behind TLS.
    pub(crate) async fn secure(acts: Vec<Act>, config: ServerConfig) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let seeing = Arc::clone(&seen);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seeing.connections.fetch_add(1, Ordering::SeqCst);
                match acceptor.accept(stream).into_fallible().await {
                    Ok(mut stream) => {
                        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first().cloned());
                        seeing.client_certificates.lock().unwrap().push(shown);
                        let _ = perform(&mut stream, &acts, &seeing).await;
                    }
                    // One that is refused is none that asks. It is heard out, so that it learns why.
                    Err((_, mut stream)) => {
                        let _ = stream.read_to_end(&mut Vec::new()).await;
                    }
                }
            }
        });
        Wire { address, seen, accepting }
    }

    /// The endpoint of an account here.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v2", self.address)
    }

    /// Its host and port.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Every request that came, as it came.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// What the other side showed of itself on each connection behind TLS that was not refused.
    pub(crate) fn client_certificates(&self) -> Vec<Option<CertificateDer<'static>>> {
        self.seen.client_certificates.lock().unwrap().clone()
    }

    /// How many connections came.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(mut stream: TcpStream, acts: Vec<Act>, seen: Arc<Seen>) {
    let _ = stream.set_nodelay(true);
    if let Ok(Ending::Reset) = perform(&mut stream, &acts, &seen).await {
        let _ = stream.set_zero_linger();
    }
}

enum Ending {
    Closed,
    Reset,
}

async fn perform(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), acts: &[Act], seen: &Seen) -> io::Result<Ending> {
    loop {
        for act in acts {
            match act {
                Act::Head => note(seen, &head(stream).await?),
                Act::Request => {
                    let mut request = head(stream).await?;
                    body(stream, &mut request).await?;
                    note(seen, &request);
                }
                Act::Say(bytes) => stream.write_all(bytes).await?,
                Act::Drip(bytes) => drip(stream, bytes).await?,
                Act::Finish => stream.shutdown().await?,
                Act::Wait => {
                    stream.read_to_end(&mut Vec::new()).await?;
                    return Ok(Ending::Closed);
                }
                Act::Reset => return Ok(Ending::Reset),
            }
        }
    }
}

fn note(seen: &Seen, request: &[u8]) {
    seen.asked.lock().unwrap().push(String::from_utf8_lossy(request).into_owned());
}

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
        // What speaks no HTTP is kept as far as it tells what it is.
        if head.len() == 3 && head.starts_with(&[0x16, 3]) {
            break;
        }
    }
    Ok(head)
}

/// Reads the body that the head announces, trailers included.
async fn body(stream: &mut (impl AsyncRead + Unpin), request: &mut Vec<u8>) -> io::Result<()> {
    let head = String::from_utf8_lossy(request).to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        let start = request.len();
        // The last chunk, and perhaps trailers behind it.
        while !(request.ends_with(b"\r\n\r\n") && String::from_utf8_lossy(&request[start..]).contains("0\r\n")) {
            request.push(stream.read_u8().await?);
        }
        return Ok(());
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    request.extend_from_slice(&body);
    Ok(())
}

async fn drip(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let mut clock = tokio::time::interval(Duration::from_millis(10));
    for byte in bytes.iter().cycle() {
        clock.tick().await;
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
    }
    Ok(())
}

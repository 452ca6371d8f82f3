//! A record of the vendor's, served on this machine to the connector alone, which reads nothing but HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server that answers every request with one record. Dropping it stops it.
pub(crate) struct Sample {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Sample {
    /// Serves this text on a port that the system picks.
    pub(crate) async fn serve(text: String) -> anyhow::Result<Sample> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port can be listened at")?;
        let address = listener.local_addr()?;
        let text: Arc<str> = text.into();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that breaks is the reader's to report.
                tokio::spawn(answer(stream, Arc::clone(&text)));
            }
        });
        Ok(Sample { address, task })
    }

    /// Where an account finds it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, text: Arc<str>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let status = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    stream.write_all(format!("{status}content-length: {}\r\n\r\n{text}", text.len()).as_bytes()).await?;
    stream.shutdown().await
}

/// The id of a record, to ask for it by; any will do where it has none, and the connector then says so.
pub(crate) fn id(text: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let id = record.get("id").and_then(|id| id.as_str()).filter(|id| !id.is_empty());
    id.unwrap_or("sample").to_owned()
}

const LONGEST_HEAD: usize = 64 * 1024;

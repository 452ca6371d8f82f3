//! The limit: the connector's core natively, over the same HTTP client, without a sandbox, a host or a check of where
//! a request goes.

use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use portcullis_zpa::http::{Request, Response};
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::record::Record;
use portcullis_zpa::{account, list, wit};

use crate::contender::{Outcome, line};

/// The process: `native ENDPOINT [--content]`.
pub(crate) fn run(arguments: &[String]) {
    let (endpoint, shows_content) = (&arguments[0], arguments.len() > 1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let mut send = |request: &Request| {
        let uri = format!("{}://{}{}", request.scheme, request.authority, request.path);
        let request = http::Request::get(uri).header("accept", "application/scim+json").body(Full::default()).unwrap();
        let client = client.clone();
        // On a worker of the runtime, as the host's requests are.
        let reply = runtime.block_on(runtime.spawn(async move {
            let reply = client.request(request).await.unwrap();
            let status = reply.status().as_u16();
            (status, reply.into_body().collect().await.unwrap().to_bytes())
        }));
        let (status, body) = reply.unwrap();
        Ok(Response { status, headers: Vec::new(), body: body.into() })
    };
    let account = account::Account::parse(&wit::Account { endpoint: endpoint.clone(), settings: None }).unwrap();
    let start = Instant::now();
    let (mut users, mut cursor) = (0, None::<String>);
    loop {
        let options = wit::ReadOptions::empty();
        let page = list::list(&account, Resource::User, cursor.as_deref(), None, options, &mut send).unwrap();
        let page = page.of(Record::user);
        users += u32::try_from(page.items.len()).unwrap();
        if shows_content {
            for user in &page.items {
                let text = |text: &Option<String>| text.clone().unwrap();
                let groups: Vec<_> = user.groups.iter().map(|group| group.id.as_str()).collect();
                let (username, name) = (text(&user.username), text(&user.name));
                let line = line(&user.id, &username, &name, &user.emails[0].email, &text(&user.department), &groups);
                println!("{line}");
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    if !shows_content {
        Outcome::print(start.elapsed().as_secs_f64(), users);
    }
}

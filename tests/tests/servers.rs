//! The connector against a SCIM server that nobody here wrote and that is not the vendor's: the `scim2-server` package,
//! started on a free port, filled over HTTP, and read through the real component in the real runtime.
//!
//! What must come back is put together here from what the server was told, never from what the connector said.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of tests end them in the same ways")]

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use portcullis_directory::{
    Directory, Effect, Email, Ending, Error, ErrorKind, Group, GroupKey, Json, Member, Outcome, Page, PageQuery,
    ReadOptions, Unreadable, User, UserKey, VendorRequest, Walk, WalkOptions,
};
use portcullis_runtime::{Account, AccountDirectory, Pace, StaticToken};
use portcullis_tests::{TOKEN, connector, scenario};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test]
async fn a_user_is_read_with_everything_the_server_knows_of_it() {
    let server = Server::start(&[]).await;
    let made = server.add("Users", full_user());
    let directory = server.directory(TOKEN, None).await;

    let expected = User {
        external_id: text("00u1"),
        username: text("ada@example.com"),
        name: text("Ada, Countess of Lovelace"),
        first_name: text("Ada"),
        last_name: text("Lovelace"),
        nick_name: text("Ada"),
        title: text("Analyst"),
        user_type: text("Employee"),
        status: text("inactive"),
        emails: vec![
            Email { email: "ada@example.com".to_owned(), r#type: text("work"), is_primary: Some(true) },
            Email { email: "ada@example.org".to_owned(), r#type: text("home"), is_primary: None },
        ],
        department: text("Engines"),
        cost_center: text("4711"),
        division: text("Research"),
        organization: text("Example"),
        extras: vec![
            extra("name.formatted", r#""Augusta Ada King""#),
            extra("name.honorificPrefix", r#""Lady""#),
            extra("preferredLanguage", r#""en-GB""#),
            extra("phoneNumbers", r#"[{"value": "tel:+44-20-7946-0000", "type": "work"}]"#),
            extra("roles", r#"[{"value": "reader"}]"#),
            extra(&format!("{ENTERPRISE}:employeeNumber"), r#""1815""#),
            extra(&format!("{ENTERPRISE}:manager"), r#"{"value": "26118915"}"#),
        ],
        ..as_made(&made)
    };
    assert_eq!(directory.get_user(&expected.id, ReadOptions::default()).await, Ok(expected.clone()));
    let page = Page { total: Some(1), ..page(vec![expected]) };
    assert_eq!(directory.list_users(PageQuery::default()).await, Ok(page));
}

#[tokio::test]
async fn a_life_in_the_directory_is_the_same_on_a_server_that_is_not_the_vendors() {
    let server = Server::start(&[]).await;
    // It adds no address at a filter that none matches, as RFC 7644 section 3.5.2.3 has it.
    let settings = r#"{"quirks":{"missing-members":"empty","email-replacement":"replace"}}"#;
    let directory = server.directory(TOKEN, Some(settings)).await;
    scenario::live(&directory).await;
}

#[tokio::test]
async fn a_user_comes_with_the_servers_own_json_when_asked_for() {
    let server = Server::start(&[]).await;
    let made = server.add("Users", json!({ "userName": "ada@example.com", "x509Certificates": [] }));
    let directory = server.directory(TOKEN, None).await;

    let user = directory.get_user(id(&made), ReadOptions { remote_data: true }).await.unwrap();
    let remote_data: Value = serde_json::from_str(user.remote_data.unwrap().as_str()).unwrap();
    assert_eq!(remote_data, made);
}

#[tokio::test]
async fn pages_of_any_size_bring_everyone_once() {
    let server = Server::start(&[]).await;
    let everyone = server.add_users(23);
    let directory = server.directory(TOKEN, None).await;

    // After a full page that reaches the total, the end is asked for.
    for (size, lengths) in [(7, vec![7, 7, 7, 2]), (10, vec![10, 10, 3]), (23, vec![23, 0]), (100, vec![23])] {
        let pages = pages(&directory, size).await;
        assert_eq!(pages.iter().map(|page| page.items.len()).collect::<Vec<_>>(), lengths);
        for page in &pages {
            assert_eq!((page.total, &page.unreadable), (Some(23), &Vec::<Unreadable>::new()));
        }
        for (page, next) in pages.iter().zip(pages.iter().skip(1)) {
            let query = PageQuery { cursor: next.prev_cursor.clone(), size: Some(size), ..PageQuery::default() };
            assert_eq!(directory.list_users(query).await.unwrap().items, page.items);
        }
        assert_eq!(sorted(pages.into_iter().flat_map(|page| page.items)), everyone);
    }
}

#[tokio::test]
async fn a_server_that_caps_its_pages_below_what_is_asked_for_is_read_to_the_end() {
    let config = folder("servers/pages-of-fifty.json");
    let server = Server::start(&["--service-provider-config", config.to_str().unwrap()]).await;
    let everyone = server.add_users(120);
    let directory = server.directory(TOKEN, None).await;

    let mut walk = Walk::users(&directory, WalkOptions { size: Some(100), ..WalkOptions::default() });
    let (mut lengths, mut users) = (Vec::new(), Vec::new());
    while let Some(page) = walk.next_page().await.unwrap() {
        lengths.push(page.items.len());
        users.extend(page.items);
    }
    let complete = Outcome::Complete { total: Some(120) };
    assert_eq!(walk.ending(), Some(Ending { outcome: complete, rows: 120, unreadable: 0, pages: 3 }));
    assert_eq!(lengths, [50, 50, 20]);
    assert_eq!(sorted(users), everyone);
}

#[tokio::test]
async fn pages_side_by_side_step_by_what_the_server_brings() {
    let config = folder("servers/pages-of-fifty.json");
    let server = Server::start(&["--service-provider-config", config.to_str().unwrap()]).await;
    let everyone = server.add_users(120);
    let directory = server.directory(TOKEN, None).await;

    let first = directory.list_users(PageQuery::default()).await.unwrap();
    let cursors = directory.page_cursors(&first.next_cursor.unwrap(), 10).await.unwrap();
    assert_eq!(cursors.len(), 2);
    let mut users = first.items;
    for cursor in cursors {
        let query = PageQuery { cursor: Some(cursor), ..PageQuery::default() };
        users.extend(directory.list_users(query).await.unwrap().items);
    }
    assert_eq!(sorted(users), everyone);
}

#[tokio::test]
async fn a_user_is_found_by_a_name_of_any_characters() {
    let server = Server::start(&[]).await;
    let names = [
        "ada@example.com",
        "ada+test@example.com",
        "o'brien@example.com",
        r#"the "countess""#,
        r"EXAMPLE\ada",
        r#"\" or userName pr or \""#,
        "zoë@example.com",
        "田中@example.jp",
        "👩‍💻",
        "100% & more; #1?",
        "a/b/../c",
        "(a) [b] {c}",
        " ada ",
    ];
    let users = names.map(|name| as_made(&server.add("Users", json!({ "userName": name }))));
    let directory = server.directory(TOKEN, None).await;
    let find =
        async |name: &str| directory.find_user(&UserKey::Username(name.to_owned()), ReadOptions::default()).await;

    for (name, user) in names.into_iter().zip(users.clone()) {
        assert_eq!(find(name).await, Ok(vec![User { username: text(name), ..user }]), "`{name}`");
    }
    let [ada, ..] = users;
    assert_eq!(find("ADA@Example.COM").await, Ok(vec![User { username: text("ada@example.com"), ..ada }]));
    for stranger in ["nobody@example.com", "ada", r#"x" or userName pr or userName eq "x"#, "ada test@example.com"] {
        assert_eq!(find(stranger).await, Ok(vec![]), "`{stranger}`");
    }
}

#[tokio::test]
async fn a_user_is_found_by_other_keys_where_the_account_says_that_the_server_filters_by_them() {
    let server = Server::start(&[]).await;
    let shared = ["ada", "grace"].map(|name| {
        let user = json!({ "userName": name, "externalId": "00u1", "emails": [{ "value": "both@example.com" }] });
        User {
            username: text(name),
            external_id: text("00u1"),
            emails: vec![Email { email: "both@example.com".to_owned(), ..Email::default() }],
            ..as_made(&server.add("Users", user))
        }
    });
    server.add("Users", json!({ "userName": "joan", "externalId": "00U1" }));
    let (by_id, by_email) = (UserKey::ExternalId("00u1".to_owned()), UserKey::Email("Both@Example.COM".to_owned()));

    let settings = r#"{"quirks":{"external-id-filter":true,"email-filter":true}}"#;
    let directory = server.directory(TOKEN, Some(settings)).await;
    for key in [&by_id, &by_email] {
        let found = directory.find_user(key, ReadOptions::default()).await.unwrap();
        assert_eq!(sorted(found), sorted(shared.clone()), "{key:?}");
    }

    let directory = server.directory(TOKEN, None).await;
    for (key, name) in [(by_id, "external_id"), (by_email, "emails")] {
        let message = format!("the vendor is not known to filter users by `{name}`; list them and compare");
        let refused = Error::new(ErrorKind::Unsupported, message).with_code("no-filter");
        assert_eq!(directory.find_user(&key, ReadOptions::default()).await, Err(refused));
    }
}

#[tokio::test]
async fn groups_are_listed_and_found() {
    let server = Server::start(&[]).await;
    let groups = ["Engines", r#"The "Difference" \ Engine"#, "Ünïcode"].map(|name| {
        let made = server.add("Groups", json!({ "displayName": name, "externalId": "00g1" }));
        Group { name: text(name), external_id: text("00g1"), ..group_as_made(&made) }
    });
    let directory = server.directory(TOKEN, None).await;

    let page = directory.list_groups(PageQuery::default()).await.unwrap();
    // Sorted by name, as the connector asks for it.
    assert_eq!(page, Page { total: Some(3), ..self::page(groups.to_vec()) });
    for group in groups {
        let key = GroupKey::Name(group.name.clone().unwrap());
        assert_eq!(directory.get_group(&group.id, ReadOptions::default()).await, Ok(group.clone()));
        assert_eq!(directory.find_group(&key, ReadOptions::default()).await, Ok(vec![group]));
    }
    let nowhere = GroupKey::Name("Engine".to_owned());
    assert_eq!(directory.find_group(&nowhere, ReadOptions::default()).await, Ok(vec![]));
}

#[tokio::test]
async fn members_are_read_from_the_group() {
    let server = Server::start(&[]).await;
    let ada = server.add("Users", json!({ "userName": "ada", "displayName": "Ada" }));
    let inner = server.add("Groups", json!({ "displayName": "Inner" }));
    let members = json!([
        { "value": id(&ada), "type": "User", "display": "Ada" },
        { "value": id(&inner), "type": "Group" },
        { "value": "nobody" },
    ]);
    let outer = server.add("Groups", json!({ "displayName": "Outer", "members": members }));
    let directory = server.directory(TOKEN, None).await;

    let expected = vec![
        Member { id: id(&ada).to_owned(), r#type: text("user"), name: text("Ada") },
        Member { id: id(&inner).to_owned(), r#type: text("group"), name: None },
        Member { id: "nobody".to_owned(), r#type: None, name: None },
    ];
    let page = Page { total: Some(3), ..page(expected) };
    assert_eq!(directory.list_members(id(&outer), PageQuery::default()).await, Ok(page));
}

#[tokio::test]
async fn a_group_without_members_is_empty_only_where_the_account_says_so() {
    let server = Server::start(&[]).await;
    let group = server.add("Groups", json!({ "displayName": "Nobody" }));

    let directory = server.directory(TOKEN, None).await;
    let message = "the vendor sent the group without `members`, which may mean that it has none or that this tenant \
                   leaves them out; set the quirk `missing-members` to `empty` once the tenant was seen to send them, \
                   or `group-members` to `from-users`";
    let refused = Error::new(ErrorKind::Unsupported, message).with_code("members-missing");
    assert_eq!(directory.list_members(id(&group), PageQuery::default()).await, Err(refused));

    let directory = server.directory(TOKEN, Some(r#"{"quirks":{"missing-members":"empty"}}"#)).await;
    let empty = Page { total: Some(0), ..page(vec![]) };
    assert_eq!(directory.list_members(id(&group), PageQuery::default()).await, Ok(empty));
}

#[tokio::test]
async fn an_empty_directory_is_one_empty_page() {
    let server = Server::start(&[]).await;
    let directory = server.directory(TOKEN, None).await;
    let empty = Page { total: Some(0), ..page(vec![]) };
    assert_eq!(directory.list_users(PageQuery::default()).await, Ok(empty));
}

#[tokio::test]
async fn what_is_not_there_and_who_is_not_known_are_different_errors() {
    let server = Server::start(&[]).await;
    let directory = server.directory(TOKEN, None).await;
    let missing = |message| failure(ErrorKind::NotFound, 404, message);
    let options = ReadOptions::default();
    let (user, group) = ("there is no user with the id `no one`", "there is no group with the id `none`");
    assert_eq!(directory.get_user("no one", options).await, Err(missing(user)));
    assert_eq!(directory.get_group("none", options).await, Err(missing(group)));
    assert_eq!(directory.list_members("none", PageQuery::default()).await, Err(missing(group)));

    let directory = server.directory("not-the-right-token", None).await;
    let message = "the vendor does not know the token; check that it belongs to this endpoint and that the IdP \
                   configuration was saved after it was made: Authorization failure. The authorization header is \
                   invalid or missing";
    let refused = failure(ErrorKind::Unauthorized, 401, message);
    assert_eq!(directory.list_users(PageQuery::default()).await, Err(refused.clone()));
    assert_eq!(directory.get_user("1", options).await, Err(refused));
}

#[tokio::test]
async fn the_servers_own_api_answers_whatever_its_status() {
    let server = Server::start(&[]).await;
    let directory = server.directory(TOKEN, None).await;
    let ask = async |path: &str| {
        let request = VendorRequest { method: "GET".to_owned(), path: path.to_owned(), ..VendorRequest::default() };
        let reply = directory.request(request).await.unwrap();
        (reply.status, serde_json::from_slice::<Value>(&reply.body).unwrap())
    };
    let told = server.exchange("GET", "ResourceTypes/User", "").unwrap();
    assert_eq!(ask("ResourceTypes/User").await, told);
    let (status, error) = ask("Users/none").await;
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    assert_eq!(status, 404);
    assert_eq!(error, json!({ "schemas": schemas, "status": "404", "detail": "User 'none' not found" }));
}

/// A running server, which ends with the test.
struct Server {
    port: u16,
    process: Child,
}

impl Server {
    async fn start(arguments: &[&str]) -> Server {
        let program = folder(".venv/bin/scim2-server");
        let make = "python3 -m venv tests/.venv && tests/.venv/bin/pip install -r tests/hosts/python/requirements.txt -r \
                    tests/servers/requirements.txt";
        assert!(program.is_file(), "the virtual environment is missing; run `{make}`");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new(program)
            .args(["--hostname", "127.0.0.1", "--port", &port.to_string(), "--bearer-token", TOKEN])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut server = Server { port, process };
        let started = Instant::now();
        while !matches!(server.exchange("GET", "ServiceProviderConfig", ""), Ok((200, _))) {
            assert_eq!(server.process.try_wait().unwrap(), None, "the server ended");
            assert!(started.elapsed() < Duration::from_mins(2), "the server does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// A handle of the server's directory.
    async fn directory(&self, token: &str, settings: Option<&str>) -> AccountDirectory {
        let account = Account::new(format!("http://127.0.0.1:{}/v2", self.port)).unwrap().with_pace(Pace::unlimited());
        let account = settings.iter().fold(account, |account, settings| account.with_settings(*settings));
        connector().await.directory(account, StaticToken::new(token).unwrap()).unwrap()
    }

    /// Makes users with nothing but a name, and answers what they are, in order of their ids.
    fn add_users(&self, count: u32) -> Vec<User> {
        sorted((0..count).map(|number| {
            let name = format!("user{number}@example.com");
            User { username: Some(name.clone()), ..as_made(&self.add("Users", json!({ "userName": name }))) }
        }))
    }

    /// Makes a record, and answers it as the server shows it.
    fn add(&self, collection: &str, mut record: Value) -> Value {
        let core = collection.trim_end_matches('s');
        let mut schemas = vec![json!(format!("urn:ietf:params:scim:schemas:core:2.0:{core}"))];
        schemas.extend(record.get(ENTERPRISE).map(|_| json!(ENTERPRISE)));
        record["schemas"] = schemas.into();
        let (status, made) = self.exchange("POST", collection, &record.to_string()).unwrap();
        assert_eq!(status, 201, "{made}");
        made
    }

    /// One exchange of HTTP/1.0, which is what the server's own command speaks.
    fn exchange(&self, method: &str, path: &str, body: &str) -> io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let (port, length) = (self.port, body.len());
        write!(
            stream,
            "{method} /v2/{path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        let status = reply.get(9..12).and_then(|status| status.parse().ok());
        let body = reply.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok());
        status.zip(body).ok_or_else(|| io::Error::other(reply))
    }
}

/// Every page, one after another.
async fn pages(directory: &impl Directory, size: u32) -> Vec<Page<User>> {
    let mut pages: Vec<Page<User>> = Vec::new();
    loop {
        let cursor = pages.last().map(|page| page.next_cursor.clone().unwrap());
        let query = PageQuery { cursor, size: Some(size), ..PageQuery::default() };
        pages.push(directory.list_users(query).await.unwrap());
        if pages.last().is_some_and(|page| page.next_cursor.is_none()) {
            return pages;
        }
    }
}

/// A page that is the whole list, but for its total.
fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, unreadable: Vec::new(), next_cursor: None, prev_cursor: None, total: None }
}

/// What the server alone decides of a user.
fn as_made(made: &Value) -> User {
    let meta = |name: &str| made["meta"][name].as_str().map(str::to_owned);
    User { id: id(made).to_owned(), created_at: meta("created"), updated_at: meta("lastModified"), ..User::default() }
}

/// What the server alone decides of a group.
fn group_as_made(made: &Value) -> Group {
    let User { id, created_at, updated_at, .. } = as_made(made);
    Group { id, created_at, updated_at, ..Group::default() }
}

fn id(made: &Value) -> &str {
    made["id"].as_str().unwrap()
}

/// Users in order of their ids: the server's own order is its affair.
fn sorted(users: impl IntoIterator<Item = User>) -> Vec<User> {
    let mut users: Vec<_> = users.into_iter().collect();
    users.sort_by(|one, other| one.id.cmp(&other.id));
    users
}

fn failure(kind: ErrorKind, status: u16, message: &str) -> Error {
    Error { http_status: Some(status), effect: Effect::None, ..Error::new(kind, message) }
}

#[allow(clippy::unnecessary_wraps, reason = "every field that it fills may be absent")]
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn extra(name: &str, json: &str) -> (String, Json) {
    (name.to_owned(), Json::from_text(json))
}

fn full_user() -> Value {
    json!({
        "userName": "ada@example.com",
        "externalId": "00u1",
        "displayName": "Ada, Countess of Lovelace",
        "name": {
            "formatted": "Augusta Ada King", "givenName": "Ada", "familyName": "Lovelace", "honorificPrefix": "Lady",
        },
        "nickName": "Ada",
        "title": "Analyst",
        "userType": "Employee",
        "preferredLanguage": "en-GB",
        "active": false,
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@example.org", "type": "home" },
        ],
        "phoneNumbers": [{ "value": "tel:+44-20-7946-0000", "type": "work" }],
        "roles": [{ "value": "reader" }],
        ENTERPRISE: {
            "employeeNumber": "1815",
            "department": "Engines",
            "costCenter": "4711",
            "division": "Research",
            "organization": "Example",
            "manager": { "value": "26118915" },
        },
    })
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

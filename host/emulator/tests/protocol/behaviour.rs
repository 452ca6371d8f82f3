//! One test for each row of the table of behaviour, under the row's name.

use crate::wire::{TOKEN, emulator, get, ids, request, rows, send};
use portcullis_emulator::At;
use portcullis_emulator::{
    ActiveForm, AtZero, BEHAVIOUR, EmptyResources, Emulator, ErrorBody, ExtensionUrn, Group, GroupMembers,
    ItemsPerPage, Locations, OverMaximum, PastTheEnd, Projection, Shape, Switches, UnknownFilter, User, WrongIdp,
};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) async fn plain() -> Emulator {
    emulator(|_| {}).await
}

pub(crate) async fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    emulator(|options| change(&mut options.switches)).await
}

async fn row_of(emulator: &Emulator, user: &User) -> Value {
    get(emulator, &format!("/Users/{}", user.id)).await.json()
}

pub(crate) fn user(emulator: &Emulator, wanted: impl Fn(&User) -> bool) -> User {
    emulator.users().into_iter().find(wanted).unwrap()
}

pub(crate) fn group(emulator: &Emulator, wanted: impl Fn(&Group) -> bool) -> Group {
    emulator.directory().groups().find(wanted).unwrap()
}

/// A filter as a URL has it.
pub(crate) fn filter(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    format!("filter={}", escaped.collect::<String>())
}

fn equals(attribute: &str, value: &str) -> String {
    filter(&format!("{attribute} eq {}", json!(value)))
}

#[test]
fn every_behaviour_has_a_test_of_its_name() {
    let tests = [
        include_str!("behaviour.rs"),
        include_str!("user_write.rs"),
        include_str!("group_write.rs"),
        include_str!("protocol.rs"),
    ]
    .concat();
    for behaviour in BEHAVIOUR {
        let head = format!("#[tokio::test]\nasync fn {}() {{", behaviour.id);
        assert!(tests.contains(&head), "`{}` has no test", behaviour.id);
    }
}

#[tokio::test]
async fn a_bearer_token_is_required() {
    let emulator = plain().await;
    let target = "/scim/1/111222333444555666/v2/Users";
    let answer = async |headers: &str| request(&emulator, "GET", target, headers).await.unwrap();
    for headers in ["", "authorization: Bearer wrong\r\n", &format!("authorization: Basic {TOKEN}\r\n")] {
        let refused = answer(headers).await;
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
    }
    assert_eq!(answer(&format!("authorization: Bearer {TOKEN}\r\n")).await.status, 200);
}

#[tokio::test]
async fn an_error_has_the_body_of_the_switch() {
    let error = async |shape| {
        let emulator = switched(|switches| switches.error_body = shape).await;
        get(&emulator, "/Users/5").await
    };
    let scim = error(ErrorBody::Scim).await;
    assert_eq!(scim.header("content-type"), Some("application/scim+json"));
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "404",
        "detail": "no resource has id `5`"
    });
    assert_eq!(scim.json(), body);
    let management = error(ErrorBody::Management).await;
    assert_eq!(management.json(), json!({"id": "resource.not.found", "reason": "no resource has id `5`"}));
    assert_eq!(error(ErrorBody::Html).await.header("content-type"), Some("text/html"));
    assert_eq!(error(ErrorBody::Text).await.text(), "no resource has id `5`");
    assert_eq!(error(ErrorBody::Empty).await.text(), "");
}

#[tokio::test]
async fn another_idp_is_forbidden() {
    let status = async |switch| {
        let emulator = switched(|switches| switches.wrong_idp = switch).await;
        let headers = format!("authorization: Bearer {TOKEN}\r\n");
        request(&emulator, "GET", "/scim/1/42/v2/Users", &headers).await.unwrap().status
    };
    assert_eq!(status(WrongIdp::Forbidden).await, 403);
    assert_eq!(status(WrongIdp::NotFound).await, 404);
}

#[tokio::test]
async fn a_default_page_has_ten_rows() {
    let emulator = emulator(|options| options.groups = 12).await;
    assert_eq!(rows(&get(&emulator, "/Users").await).len(), 10);
    assert_eq!(rows(&get(&emulator, "/Groups").await).len(), 10);
    let other = switched(|switches| switches.default_count = 3).await;
    assert_eq!(rows(&get(&other, "/Users").await).len(), 3);
}

#[tokio::test]
async fn a_page_has_at_most_a_hundred_rows() {
    let emulator = emulator(|options| options.users = 250).await;
    let page = get(&emulator, "/Users?count=250").await;
    assert_eq!((rows(&page).len(), &page.json()["itemsPerPage"]), (100, &json!(100)));
    let strict = switched(|switches| switches.count_above_maximum = OverMaximum::Refused).await;
    assert_eq!(get(&strict, "/Users?count=101").await.status, 400);
    assert_eq!(get(&strict, "/Users?count=100").await.status, 200);
}

#[tokio::test]
async fn items_per_page_echoes_the_page_size() {
    let emulator = emulator(|options| options.users = 1).await;
    let page = get(&emulator, "/Users").await;
    let numbers = ["startIndex", "totalResults", "itemsPerPage"].map(|name| page.json()[name].clone());
    assert_eq!((rows(&page).len(), numbers), (1, [json!(1), json!(1), json!(10)]));
    let other = switched(|switches| switches.items_per_page = ItemsPerPage::Rows).await;
    assert_eq!(get(&other, "/Users?startIndex=96").await.json()["itemsPerPage"], 5);
}

#[tokio::test]
async fn a_start_index_counts_items() {
    let emulator = plain().await;
    let page = get(&emulator, "/Users?startIndex=12&count=3").await;
    let truth: Vec<String> = emulator.users()[11..14].iter().map(|user| user.id.clone()).collect();
    assert_eq!((ids(&page), &page.json()["startIndex"]), (truth, &json!(12)));
}

#[tokio::test]
async fn a_start_index_below_one_is_one() {
    let emulator = plain().await;
    let first = get(&emulator, "/Users").await.body;
    assert_eq!(get(&emulator, "/Users?startIndex=0").await.body, first);
    assert_eq!(get(&emulator, "/Users?startIndex=-4").await.body, first);
    let strict = switched(|switches| switches.start_index_zero = AtZero::Refused).await;
    let refused = get(&strict, "/Users?startIndex=0").await.json();
    assert_eq!(refused["detail"], "startIndex `0` is below 1");
    assert_eq!(refused["scimType"], "invalidValue");
}

#[tokio::test]
async fn a_page_past_the_end_is_empty() {
    let path = "/Users?startIndex=101";
    let page = get(&plain().await, path).await;
    assert_eq!(rows(&page).len(), 0);
    assert_eq!((&page.json()["startIndex"], &page.json()["totalResults"]), (&json!(101), &json!(100)));
    let circular = switched(|switches| switches.past_the_end = PastTheEnd::FirstPage).await;
    assert_eq!(get(&circular, path).await.body, get(&circular, "/Users").await.body);
}

#[tokio::test]
async fn an_empty_page_has_no_resources() {
    let path = "/Users?startIndex=101";
    assert_eq!(get(&plain().await, path).await.json().get("Resources"), None);
    let present = switched(|switches| switches.empty_resources = EmptyResources::Present).await;
    assert_eq!(get(&present, path).await.json()["Resources"], json!([]));
}

#[tokio::test]
async fn a_count_of_zero_or_less_asks_for_the_total() {
    let emulator = plain().await;
    for count in ["0", "-1"] {
        let page = get(&emulator, &format!("/Users?count={count}")).await;
        assert_eq!((rows(&page).len(), &page.json()["totalResults"]), (0, &json!(100)));
    }
}

#[tokio::test]
async fn a_parameter_that_is_no_integer_is_refused() {
    let emulator = plain().await;
    let refused = get(&emulator, "/Users?count=ten").await;
    assert_eq!((refused.status, &refused.json()["detail"]), (400, &json!("count `ten` is not an integer")));
    assert_eq!(get(&emulator, "/Groups?startIndex=1.5").await.status, 400);
    assert_eq!(get(&emulator, "/Users?filter=%zz").await.status, 400);
}

#[tokio::test]
async fn a_list_answers_scim_json() {
    let answer = get(&plain().await, "/Users").await;
    assert_eq!(answer.header("content-type"), Some("application/scim+json"));
}

#[tokio::test]
async fn legacy_ids_are_numbers_and_later_ones_uuids() {
    let emulator = plain().await;
    for user in emulator.users() {
        let created = row_of(&emulator, &user).await["meta"]["created"].as_str().unwrap().to_owned();
        let is_number = user.id.bytes().all(|byte| byte.is_ascii_digit());
        assert_eq!(is_number, created.as_str() < "2022-08-29");
        assert!(is_number || user.id.len() == 36);
    }
}

#[tokio::test]
async fn an_id_of_either_kind_opens_its_resource() {
    let emulator = plain().await;
    for shape in [Shape::Legacy, Shape::Recent] {
        let user = user(&emulator, |user| user.shape == shape);
        assert_eq!(row_of(&emulator, &user).await["userName"], user.user_name);
        let group = group(&emulator, |group| group.shape == shape);
        let row = get(&emulator, &format!("/Groups/{}", group.id)).await.json();
        assert_eq!(row["displayName"], group.display_name);
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let emulator = plain().await;
    for path in ["/Users/5", "/Users/", "/Groups/a%2Fb", "/Groups/00000000-0000-4000-8000-000000000000"] {
        assert_eq!(get(&emulator, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn active_is_text_in_legacy_rows_and_boolean_in_later_ones() {
    let seen = async |form| {
        let emulator = switched(|switches| switches.active = form).await;
        let of = async |shape, active| {
            let user = user(&emulator, |user| user.shape == shape && user.active == active);
            row_of(&emulator, &user).await["active"].clone()
        };
        [of(Shape::Legacy, true).await, of(Shape::Recent, true).await, of(Shape::Recent, false).await]
    };
    assert_eq!(seen(ActiveForm::Mixed).await, [json!("true"), json!(true), json!(false)]);
    assert_eq!(seen(ActiveForm::Boolean).await, [json!(true), json!(true), json!(false)]);
    assert_eq!(seen(ActiveForm::Text).await, [json!("true"), json!("true"), json!("false")]);
}

#[tokio::test]
async fn key_order_depends_on_the_age_of_the_row() {
    let emulator = plain().await;
    let places = async |shape| {
        let user = user(&emulator, |user| user.shape == shape && !user.emails.is_empty());
        let row = get(&emulator, &format!("/Users/{}", user.id)).await;
        ["\"userName\":", "\"emails\":"].map(|key| row.text().find(key).unwrap())
    };
    assert!(places(Shape::Recent).await.is_sorted());
    assert!(!places(Shape::Legacy).await.is_sorted());
}

#[tokio::test]
async fn a_sparse_user_lacks_what_it_has_not() {
    let emulator = plain().await;
    let sparse = user(&emulator, |user| user.display_name.is_none() && !user.groups.is_empty());
    let row = row_of(&emulator, &sparse).await;
    for absent in ["displayName", "emails", "nickName", "userType", "title", ENTERPRISE] {
        assert_eq!(row.get(absent), None, "{absent}");
    }
    assert_eq!(row["schemas"][1], ENTERPRISE);
    assert_eq!(row["name"].get("formatted"), None);
    let other = switched(|switches| switches.extension_urn = ExtensionUrn::WhenPresent).await;
    let count = async |user: User| row_of(&other, &user).await["schemas"].as_array().unwrap().len();
    assert_eq!(count(user(&other, |user| user.department.is_none())).await, 1);
    assert_eq!(count(user(&other, |user| user.department.is_some())).await, 2);
}

#[tokio::test]
async fn empty_arrays_are_omitted() {
    let emulator = plain().await;
    let loner = user(&emulator, |user| user.groups.is_empty());
    assert_eq!(row_of(&emulator, &loner).await.get("groups"), None);
    let mute = user(&emulator, |user| user.emails.is_empty());
    assert_eq!(row_of(&emulator, &mute).await.get("emails"), None);
}

#[tokio::test]
async fn an_email_is_a_value_and_nothing_else() {
    let emulator = plain().await;
    let user = user(&emulator, |user| user.emails.len() == 1);
    assert_eq!(row_of(&emulator, &user).await["emails"], json!([{"value": user.emails[0]}]));
}

#[tokio::test]
async fn a_listed_user_has_its_groups() {
    let emulator = plain().await;
    let page = rows(&get(&emulator, "/Users?count=100").await);
    let place = emulator.users().iter().position(|user| user.shape == Shape::Recent && user.groups.len() == 1);
    let row = &page[place.unwrap()]["groups"];
    let group = group(&emulator, |group| row[0]["value"] == group.id);
    let reference = format!("https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/{}", group.id);
    assert_eq!(*row, json!([{"display": group.display_name, "value": group.id, "$ref": reference}]));
}

#[tokio::test]
async fn meta_is_in_whole_seconds_and_has_no_version() {
    let emulator = emulator(|options| options.users = 0).await;
    let truth = User { created: 1_707_640_205, last_modified: 1_714_669_304, ..User::new("mara@acme.example") };
    let id = emulator.add_user(truth).unwrap();
    let meta = json!({
        "created": "2024-02-11T08:30:05Z",
        "lastModified": "2024-05-02T17:01:44Z",
        "location": format!("https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/{id}"),
        "resourceType": "User"
    });
    assert_eq!(get(&emulator, &format!("/Users/{id}")).await.json()["meta"], meta);
}

#[tokio::test]
async fn locations_name_hosts_of_the_vendor() {
    let location = async |emulator: &Emulator, shape| {
        let user = user(emulator, |user| user.shape == shape);
        let row = row_of(emulator, &user).await;
        row["meta"]["location"].as_str().unwrap().strip_suffix(&format!("/Users/{}", user.id)).unwrap().to_owned()
    };
    let vendor = plain().await;
    let base = "scim/1/111222333444555666/v2";
    let recent = format!("https://scim.private.zscaler.com/{base}");
    let legacy = format!("https://scim1.private.zscaler.com/{base}");
    assert_eq!(location(&vendor, Shape::Recent).await, recent);
    assert_eq!(location(&vendor, Shape::Legacy).await, legacy);
    let own = switched(|switches| switches.locations = Locations::Own).await;
    assert_eq!(location(&own, Shape::Legacy).await, own.endpoint());
}

#[tokio::test]
async fn a_legacy_group_in_a_list_has_an_http_location() {
    let emulator = plain().await;
    let legacy = group(&emulator, |group| group.shape == Shape::Legacy);
    let page = rows(&get(&emulator, "/Groups").await);
    let row = page.iter().find(|row| row["id"] == legacy.id).unwrap();
    let location = format!("http://scim1.private.zscaler.com/scim/1/111222333444555666/v2/Groups/{}", legacy.id);
    assert_eq!(row["meta"]["location"], location);
}

#[tokio::test]
async fn a_listed_group_has_no_members() {
    let page = rows(&get(&plain().await, "/Groups").await);
    assert_eq!(page.len(), 8);
    assert!(page.iter().all(|row| row.get("members").is_none()));
    let other = switched(|switches| switches.members_in_list = true).await;
    let page = rows(&get(&other, "/Groups").await);
    for row in page {
        let by_id = get(&other, &format!("/Groups/{}", row["id"].as_str().unwrap())).await.json();
        assert_eq!(row.get("members"), by_id.get("members"));
    }
}

#[tokio::test]
async fn a_group_by_id_has_members_by_value() {
    let emulator = plain().await;
    let group = group(&emulator, |group| group.members.len() > 2);
    let members: Vec<Value> = group.members.iter().map(|id| json!({"value": id})).collect();
    let row = get(&emulator, &format!("/Groups/{}", group.id)).await.json();
    assert_eq!(row["members"], Value::Array(members));
    let other = switched(|switches| switches.member_reference = true).await;
    let row = get(&other, &format!("/Groups/{}", group.id)).await.json();
    let member = get(&other, &format!("/Users/{}", group.members[0])).await.json();
    assert_eq!(row["members"][0], json!({"value": group.members[0], "$ref": member["meta"]["location"]}));
}

#[tokio::test]
async fn an_empty_group_has_no_members_key() {
    let members = async |switch, is_empty: bool| {
        let emulator = switched(|switches| switches.members_in_group = switch).await;
        let group = group(&emulator, |group| group.members.is_empty() == is_empty);
        let row = get(&emulator, &format!("/Groups/{}", group.id)).await.json();
        row.get("members").map(|members| members.as_array().unwrap().is_empty())
    };
    assert_eq!(members(GroupMembers::OmittedWhenEmpty, true).await, None);
    assert_eq!(members(GroupMembers::OmittedWhenEmpty, false).await, Some(false));
    assert_eq!(members(GroupMembers::Present, true).await, Some(true));
    assert_eq!(members(GroupMembers::OmittedAlways, false).await, None);
}

#[tokio::test]
async fn excluding_members_in_either_spelling_leaves_them_out() {
    let emulator = plain().await;
    let group = group(&emulator, |group| !group.members.is_empty());
    for name in ["excludeAttributes", "excludedAttributes"] {
        let row = get(&emulator, &format!("/Groups/{}?{name}=meta,members", group.id)).await.json();
        assert_eq!(row.get("members"), None);
        assert_eq!(rows(&get(&emulator, &format!("/Groups?{name}=members")).await).len(), 8);
    }
    let every = switched(|switches| switches.projection = Projection::Every).await;
    let row = get(&every, &format!("/Groups/{}?attributes=displayName", group.id)).await.json();
    assert_eq!(row, json!({"schemas": row["schemas"], "id": group.id, "displayName": group.display_name}));
    let page = rows(&get(&every, "/Users?excludedAttributes=meta,groups&count=1").await);
    assert_eq!((page[0].get("meta"), page[0]["userName"].is_string()), (None, true));
    let both = "/Users?attributes=a&excludedAttributes=b";
    assert_eq!((get(&every, both).await.status, get(&emulator, both).await.status), (400, 200));
}

#[tokio::test]
async fn groups_sort_by_display_name_both_ways() {
    let emulator = plain().await;
    let names = async |query: &str| {
        let page = rows(&get(&emulator, &format!("/Groups?{query}")).await);
        page.iter().map(|row| row["displayName"].as_str().unwrap().to_lowercase()).collect::<Vec<_>>()
    };
    let ascending = names("sortBy=displayName").await;
    let mut descending = names("sortBy=displayName&sortOrder=descending").await;
    assert!(ascending.is_sorted() && ascending.len() == 8);
    descending.reverse();
    assert_eq!(ascending, descending);
    assert!(!names("").await.is_sorted());
}

#[tokio::test]
async fn any_other_sort_is_ignored() {
    let emulator = plain().await;
    for path in ["/Users?sortBy=userName&sortOrder=descending", "/Groups?sortBy=id"] {
        let bare = path.split('?').next().unwrap();
        assert_eq!(get(&emulator, path).await.body, get(&emulator, bare).await.body);
    }
}

#[tokio::test]
async fn users_are_found_by_user_name_in_any_case() {
    let emulator = emulator(|options| options.users = 2000).await;
    let odd = user(&emulator, |user| user.user_name.contains('\''));
    let plus = user(&emulator, |user| user.user_name.contains('+'));
    let foreign = user(&emulator, |user| !user.user_name.is_ascii());
    for user in [odd, plus, foreign] {
        let page = get(&emulator, &format!("/Users?{}", equals("username", &user.user_name.to_uppercase()))).await;
        assert_eq!((ids(&page), &page.json()["totalResults"]), (vec![user.id], &json!(1)));
    }
    let escaped = emulator.add_user(User::new("a\"b\\c@acme.example")).unwrap();
    let page = get(&emulator, &format!("/Users?{}", equals("userName", "a\"b\\c@acme.example"))).await;
    assert_eq!(ids(&page), [escaped]);
    let nobody = get(&emulator, &format!("/Users?{}", equals("userName", "nobody"))).await;
    assert_eq!((nobody.status, &nobody.json()["totalResults"]), (200, &json!(0)));
    let off = switched(|switches| switches.user_name_filter = false).await;
    assert_eq!(get(&off, &format!("/Users?{}", equals("userName", "x"))).await.status, 400);
}

#[tokio::test]
async fn groups_are_found_by_display_name_in_any_case() {
    let emulator = plain().await;
    let first = group(&emulator, |group| group.display_name == "Sales, EMEA");
    let twin = emulator.directory_mut().add_group(Group::new("SALES, EMEA"), At::End).unwrap();
    let path = format!("/Groups?excludedAttributes=members&{}", equals("displayName", "sales, emea"));
    assert_eq!(ids(&get(&emulator, &path).await), [first.id, twin]);
    let users = get(&emulator, &format!("/Users?{}", equals("displayName", "x"))).await;
    assert_eq!(users.status, 400, "nothing says that users filter by it");
    let off = switched(|switches| switches.display_name_filter = false).await;
    assert_eq!(get(&off, &path).await.status, 400);
}

#[tokio::test]
async fn external_id_is_no_filter_unless_switched_on() {
    let off = plain().await;
    let known = user(&off, |user| user.external_id.is_some());
    let query = equals("externalId", &known.external_id.unwrap());
    assert_eq!(get(&off, &format!("/Users?{query}")).await.status, 400);
    let on = switched(|switches| switches.external_id_filter = true).await;
    assert_eq!(ids(&get(&on, &format!("/Users?{query}")).await), [known.id]);
    let shared = rows(&get(&on, &format!("/Groups?{}", equals("externalId", "grp-shared"))).await);
    assert!(shared.iter().all(|row| row["externalId"] == "grp-shared"));
}

#[tokio::test]
async fn any_other_filter_is_refused() {
    let total = async |switch, text: &str| {
        let emulator = switched(|switches| switches.unknown_filter = switch).await;
        let page = get(&emulator, &format!("/Users?{}", filter(text))).await;
        (page.status, page.json()["totalResults"].as_u64())
    };
    let compound = "userName eq \"a\" and externalId eq \"b\"";
    for text in [compound, "userName sw \"a\"", "active eq true", "id eq \"5\"", "nonsense", ""] {
        assert_eq!(total(UnknownFilter::Refused, text).await, (400, None), "{text}");
        assert_eq!(total(UnknownFilter::Ignored, text).await, (200, Some(100)), "{text}");
        assert_eq!(total(UnknownFilter::MatchesNothing, text).await, (200, Some(0)), "{text}");
    }
    assert_eq!(total(UnknownFilter::Evaluated, "nonsense").await, (400, None));
    let active = plain().await.users().iter().filter(|user| user.active).count();
    let both = "active eq true and userName co \"@\"";
    assert_eq!(total(UnknownFilter::Evaluated, both).await, (200, Some(active as u64)));
    let refused = get(&plain().await, &format!("/Users?{}", filter("x pr"))).await.json();
    assert_eq!(refused["scimType"], "invalidFilter");
    assert_eq!(refused["detail"], "filter `x pr` is not supported");
}

#[tokio::test]
async fn a_plus_in_a_query_is_a_plus() {
    let emulator = emulator(|options| options.users = 0).await;
    let id = emulator.add_user(User::new("a+b@acme.example")).unwrap();
    let page = get(&emulator, "/Users?filter=userName%20eq%20%22a+b@acme.example%22").await;
    assert_eq!(ids(&page), [id]);
    let spaced = get(&emulator, "/Users?filter=userName+eq+%22a+b@acme.example%22").await;
    assert_eq!(spaced.status, 400);
}

#[tokio::test]
async fn discovery_endpoints_are_absent() {
    let emulator = plain().await;
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/Bulk", "/.search", "/Me"] {
        assert_eq!(get(&emulator, path).await.status, 404, "{path}");
    }
    let present = switched(|switches| switches.discovery = true).await;
    for (path, status) in [("/Schemas", 200), ("/ResourceTypes/User", 200), ("/ResourceTypes/Car", 404), ("/Me", 501)] {
        assert_eq!(get(&present, path).await.status, status, "{path}");
    }
    assert_eq!(send(&present, "DELETE", "/Schemas", "").await.header("allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let emulator = plain().await;
    let id = emulator.users()[0].id.clone();
    let answer = async |method: &str, path: &str| {
        let answer = send(&emulator, method, path, "{}").await;
        (answer.status, answer.header("allow").map(str::to_owned))
    };
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS"] {
        assert_eq!(answer(method, "/Users").await, (405, Some("GET, HEAD, POST".to_owned())), "{method}");
    }
    let one = (405, Some("GET, HEAD, PUT, PATCH, DELETE".to_owned()));
    assert_eq!(answer("POST", &format!("/Groups/{id}")).await, one);
    assert!(emulator.exchanges().iter().all(|exchange| exchange.request_body == "{}"));
    assert_eq!(emulator.directory().user_count(), 100);
}

#[tokio::test]
async fn other_keys_are_no_filters_unless_switched_on() {
    let on = switched(|switches| {
        switches.id_filter = true;
        switches.email_filter = true;
        switches.active_filter = true;
        switches.last_modified_filter = true;
        switches.member_filter = true;
    })
    .await;
    let off = plain().await;
    let found = async |path: &str, text: String| {
        let path = format!("{path}?count=100&{}", filter(&text));
        assert_eq!(get(&off, &path).await.status, 400, "{text}");
        ids(&get(&on, &path).await)
    };
    let sole = user(&on, |user| user.emails.len() == 1);
    let group = group(&on, |group| group.members.contains(&sole.id));
    assert_eq!(found("/Users", format!("id eq \"{}\"", sole.id)).await, [sole.id.as_str()]);
    assert_eq!(found("/Groups", format!("id eq \"{}\"", group.id)).await, [group.id.as_str()]);
    assert_eq!(found("/Users", format!("emails.value eq \"{}\"", sole.emails[0])).await, [sole.id.as_str()]);
    let inactive = on.users().into_iter().filter(|user| !user.active).map(|user| user.id);
    assert_eq!(found("/Users", "active eq false".to_owned()).await, inactive.collect::<Vec<_>>());
    assert_eq!(found("/Groups", format!("members.value eq \"{}\"", sole.id)).await, sole.groups);
    let recent = on.users().into_iter().filter(|user| user.last_modified > 1_767_225_600).map(|user| user.id);
    let since = "meta.lastModified gt \"2026-01-01T00:00:00Z\"".to_owned();
    assert_eq!(found("/Users", since).await, recent.collect::<Vec<_>>());
}

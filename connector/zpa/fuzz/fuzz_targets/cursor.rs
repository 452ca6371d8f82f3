//! A text as a cursor, as it is and with the check of this account behind it, which no mutation would find.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_zpa::account::Account;
use portcullis_zpa::cursor::{Cursor, List, fingerprint};
use portcullis_zpa::http::Response;
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::{list, wit};
use portcullis_zpa_fuzz as law;

fuzz_target!(|text: &str| {
    let account = law::account(None).unwrap();
    // After the cursor: how many are wanted, and the page that answers it.
    let (text, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (at_most, body) = rest.split_once('\n').unwrap_or((rest, ""));
    let at_most = at_most.parse().unwrap_or(3);

    check(&account, text, at_most, body);
    let check_of_it = fingerprint(&format!("{text} {}", account.endpoint.url()));
    check(&account, &format!("{text}.{check_of_it:x}"), at_most, body);
});

fn check(account: &Account, text: &str, at_most: u32, body: &str) {
    let decoded = Cursor::decode(text, &account.endpoint);
    let ahead = list::cursors_ahead(account, text, at_most);
    let cursor = match decoded {
        Ok(cursor) => cursor,
        Err(err) => {
            law::error(&err);
            assert_eq!(ahead.unwrap_err().message, err.message);
            return;
        }
    };
    assert_eq!(cursor.encode(&account.endpoint), text);
    assert!(cursor.start > 0 && cursor.size > 0);
    let elsewhere = wit::Account { endpoint: "https://a.example/scim/1/8/v2".to_owned(), settings: None };
    assert!(Cursor::decode(text, &Account::parse(&elsewhere).unwrap().endpoint).is_err());

    let ahead = ahead.unwrap();
    assert!(ahead.len() <= 1000 && ahead.len() <= at_most as usize);
    let ahead: Vec<_> = ahead.iter().map(|text| Cursor::decode(text, &account.endpoint).unwrap()).collect();
    assert!(ahead.first().is_none_or(|first| *first == cursor));
    assert!(ahead.windows(2).all(|pair| pair[0].start + cursor.step == pair[1].start));
    assert!(ahead.iter().skip(1).all(|page| page.total.is_some_and(|total| page.start <= total)));

    let resource = match cursor.list {
        List::Users => Resource::User,
        List::Groups => Resource::Group,
        List::Members => return,
    };
    let response = Response { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() };
    let mut send = |_: &_| Ok(response.clone());
    match list::list(account, resource, Some(text), None, wit::ReadOptions::empty(), &mut send) {
        Ok(page) => {
            let start = |text: String| Cursor::decode(&text, &account.endpoint).unwrap().start;
            assert!(page.next_cursor.map(start).is_none_or(|next| next > cursor.start), "the walk stands still");
            assert!(page.prev_cursor.map(start).is_none_or(|before| before < cursor.start), "back is not back");
        }
        Err(err) => law::error(&err),
    }
}

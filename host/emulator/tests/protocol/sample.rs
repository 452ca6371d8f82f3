//! The documented samples (zpa-scim.md 3.2 and 4), put into the directory and read back byte for byte,
//! and the first rows of a seed, which must never change.

use expect_test::expect;
use portcullis_emulator::{At, Group, Shape, User};

use crate::wire::{emulator, get};

#[tokio::test]
async fn the_sample_of_2023_and_the_one_of_2021_stand_side_by_side() {
    let emulator = emulator(|options| (options.users, options.groups) = (0, 0)).await;
    let mara = User {
        id: "5b1d9f0e-6a3c-4f8e-9d21-0c7a4be81f55".to_owned(),
        external_id: Some("00uEXAMPLE1".to_owned()),
        given_name: Some("Mara".to_owned()),
        family_name: Some("Lind".to_owned()),
        emails: Vec::new(),
        created: 1_707_640_205,
        last_modified: 1_714_669_304,
        ..User::new("mara.lind@acme.example")
    };
    let oliver = User {
        id: "301188".to_owned(),
        external_id: Some("legacy-77".to_owned()),
        nick_name: Some("Olli".to_owned()),
        user_type: Some("ZPA User".to_owned()),
        display_name: Some("Oliver Brandt".to_owned()),
        formatted_name: Some("Oliver Brandt".to_owned()),
        given_name: Some("Oliver".to_owned()),
        family_name: Some("Brandt".to_owned()),
        cost_center: Some("CC-40".to_owned()),
        department: Some("Reliability".to_owned()),
        division: Some("EMEA".to_owned()),
        organization: Some("Acme".to_owned()),
        created: 1_620_031_141,
        last_modified: 1_620_031_141,
        shape: Shape::Legacy,
        ..User::new("oliver.brandt@acme.example")
    };
    let finance = Group {
        id: "7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77".to_owned(),
        members: vec![mara.id.clone()],
        ..Group::new("Finance EU")
    };
    emulator.add_user(mara).unwrap();
    emulator.add_user(oliver).unwrap();
    emulator.directory_mut().add_group(finance, At::End).unwrap();

    let page = get(&emulator, "/Users").await;
    assert_eq!(page.text(), compact(include_str!("../../../../tests/fixtures/zpa/users.json")));
}

/// The JSON text without the white space between its parts.
fn compact(json: &str) -> String {
    let mut in_text = false;
    json.chars()
        .filter(|&letter| {
            in_text ^= letter == '"';
            in_text || !letter.is_whitespace()
        })
        .collect()
}

#[tokio::test]
async fn the_sample_of_an_old_group_has_no_members_in_the_list() {
    let emulator = emulator(|options| (options.users, options.groups) = (0, 0)).await;
    let ops = Group {
        id: "67979".to_owned(),
        external_id: Some("grp-ops".to_owned()),
        created: 1_644_313_064,
        last_modified: 1_645_191_463,
        shape: Shape::Legacy,
        ..Group::new("Ops")
    };
    emulator.directory_mut().add_group(ops, At::End).unwrap();
    let page = get(&emulator, "/Groups").await;
    assert_eq!(page.text(), compact(include_str!("../../../../tests/fixtures/zpa/groups.json")));
    expect![[r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"67979","externalId":"grp-ops","displayName":"Ops","meta":{"created":"2022-02-08T09:37:44Z","lastModified":"2022-02-18T13:37:43Z","location":"https://scim1.private.zscaler.com/scim/1/111222333444555666/v2/Groups/67979","resourceType":"Group"}}"#]].assert_eq(get(&emulator, "/Groups/67979").await.text());
}

#[tokio::test]
async fn the_sample_of_a_group_has_its_members_by_id() {
    let emulator = emulator(|options| (options.users, options.groups) = (0, 0)).await;
    let ids = ["5b1d9f0e-6a3c-4f8e-9d21-0c7a4be81f55", "301188"];
    for (name, id) in ["mara.lind@acme.example", "oliver.brandt@acme.example"].into_iter().zip(ids) {
        emulator.add_user(User { id: id.to_owned(), ..User::new(name) }).unwrap();
    }
    let contractors = Group {
        id: "7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77".to_owned(),
        external_id: Some("grp-ctr-eu".to_owned()),
        members: ids.map(str::to_owned).to_vec(),
        created: 1_715_963_507,
        last_modified: 1_715_963_507,
        shape: Shape::Legacy,
        ..Group::new("Contractors EU")
    };
    let path = format!("/Groups/{}", contractors.id);
    emulator.directory_mut().add_group(contractors, At::End).unwrap();
    assert_eq!(get(&emulator, &path).await.text(), compact(include_str!("../../../../tests/fixtures/zpa/group.json")));
}

#[tokio::test]
async fn seed_seven_is_these_people_for_ever() {
    let emulator = emulator(|_| {}).await;
    let page = get(&emulator, "/Users?count=3").await;
    expect![[r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"startIndex":1,"totalResults":100,"itemsPerPage":3,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"7fdcf65d-817c-4a9a-8fda-741b104115aa","externalId":"00u93fbc4930","userName":"oliver.conti@acme.example","name":{"formatted":"Oliver Conti","givenName":"Oliver","familyName":"Conti"},"displayName":"Oliver Conti","title":"Manager","userType":"Contractor","emails":[{"value":"oliver.conti@acme.example"}],"active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"CC-65","department":"Procurement","division":"EMEA","organization":"Acme Deutschland GmbH & Co. KG"},"groups":[{"display":"Engineering","value":"1b354c82-d0b3-43c3-ac9b-2a27ac05d0e9","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/1b354c82-d0b3-43c3-ac9b-2a27ac05d0e9"},{"display":"Research & Development","value":"60026","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/60026"}],"meta":{"created":"2023-09-05T09:50:39Z","lastModified":"2025-09-25T18:15:07Z","location":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/7fdcf65d-817c-4a9a-8fda-741b104115aa","resourceType":"User"}},{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"313ccaa6-ef13-4b85-8b02-f39600e482ff","externalId":"00uea5f57301","userName":"tanya+smith@acme.example","name":{"formatted":"Tanya Smith","givenName":"Tanya","familyName":"Smith"},"displayName":"Smith, Tanya","title":"Account Executive","userType":"ZPA User","emails":[{"value":"tanya+smith@acme.example"}],"active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"CC-43","department":"IT, Infrastructure","division":"APAC","organization":"Acme Labs"},"groups":[{"display":"Ops","value":"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5"},{"display":"Sales, EMEA","value":"e3168f1a-c9bc-4730-b152-bcadda793597","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/e3168f1a-c9bc-4730-b152-bcadda793597"},{"display":"Finance EU","value":"8935b08d-2796-43e2-b859-ad5c63ccdb90","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/8935b08d-2796-43e2-b859-ad5c63ccdb90"}],"meta":{"created":"2023-04-07T19:19:26Z","lastModified":"2024-12-28T09:33:43Z","location":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/313ccaa6-ef13-4b85-8b02-f39600e482ff","resourceType":"User"}},{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"200014","externalId":"legacy-2","nickName":"Oliver","userType":"ZPA User","displayName":"Oliver Müller","name":{"formatted":"Oliver Müller","givenName":"Oliver","familyName":"Müller"},"emails":[{"value":"oliver.mueller@acme.example"}],"active":"true","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"costCenter":"CC-38","department":"Engineering","division":"Group Functions","organization":"Acme"},"userName":"oliver.mueller@acme.example","meta":{"created":"2021-01-27T13:01:28Z","lastModified":"2021-01-27T13:01:28Z","location":"https://scim1.private.zscaler.com/scim/1/111222333444555666/v2/Users/200014","resourceType":"User"}}]}"#]].assert_eq(page.text());
    let page = get(&emulator, "/Groups?count=3").await;
    expect![[r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"startIndex":1,"totalResults":8,"itemsPerPage":3,"Resources":[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","externalId":"grp-shared","displayName":"Ops","meta":{"created":"2024-12-16T23:28:53Z","lastModified":"2025-01-12T04:14:57Z","location":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5","resourceType":"Group"}},{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"8935b08d-2796-43e2-b859-ad5c63ccdb90","externalId":"grp-shared","displayName":"Finance EU","meta":{"created":"2024-04-29T00:46:23Z","lastModified":"2024-04-29T00:46:23Z","location":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/8935b08d-2796-43e2-b859-ad5c63ccdb90","resourceType":"Group"}},{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"1b354c82-d0b3-43c3-ac9b-2a27ac05d0e9","externalId":"grp-shared","displayName":"Engineering","meta":{"created":"2023-03-18T11:56:22Z","lastModified":"2025-08-18T08:16:25Z","location":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/1b354c82-d0b3-43c3-ac9b-2a27ac05d0e9","resourceType":"Group"}}]}"#]].assert_eq(page.text());
}

//! What was measured, beside what it must reach.

use serde_json::json;

/// What a figure must reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// It is printed for those who compare.
    None,
}

pub(crate) fn at_most(value: f64) -> Target {
    Target::AtMost(value)
}

pub(crate) fn at_least(value: f64) -> Target {
    Target::AtLeast(value)
}

struct Row {
    name: String,
    /// `None` where it could not be measured.
    value: Option<f64>,
    unit: &'static str,
    target: Target,
    note: Option<String>,
}

impl Row {
    fn is_met(&self) -> Option<bool> {
        match self.target {
            Target::AtMost(most) => Some(self.value.is_some_and(|value| value <= most)),
            Target::AtLeast(least) => Some(self.value.is_some_and(|value| value >= least)),
            Target::None => None,
        }
    }
}

/// The rows, in the order in which they were measured.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, name: &str, value: f64, unit: &'static str, target: Target) {
        self.push(Row { name: name.to_owned(), value: Some(value), unit, target, note: None });
    }

    /// A row that could not be measured, and why.
    pub(crate) fn miss(&mut self, name: &str, unit: &'static str, target: Target, why: &str) {
        self.push(Row { name: name.to_owned(), value: None, unit, target, note: Some(why.to_owned()) });
    }

    fn push(&mut self, row: Row) {
        eprintln!("{}", line(&row));
        self.0.push(row);
    }

    pub(crate) fn print(&self) {
        println!("| what | measured | must reach | met |\n|---|---|---|---|");
        for row in &self.0 {
            println!("{}", line(row));
        }
    }

    pub(crate) fn json(&self) -> String {
        let rows: Vec<_> = self
            .0
            .iter()
            .map(|row| {
                let target = match row.target {
                    Target::AtMost(most) => json!({"at_most": most}),
                    Target::AtLeast(least) => json!({"at_least": least}),
                    Target::None => json!(null),
                };
                json!({"name": row.name, "value": row.value, "unit": row.unit, "target": target, "met": row.is_met(),
                    "note": row.note})
            })
            .collect();
        format!("{:#}\n", json!(rows))
    }
}

fn line(row: &Row) -> String {
    let Row { name, value, unit, target, note } = row;
    let value = match (value, note) {
        (Some(value), _) => format!("{} {unit}", digits(*value)),
        (None, Some(note)) => note.clone(),
        (None, None) => "-".to_owned(),
    };
    let target = match target {
        Target::AtMost(most) => format!("at most {}", digits(*most)),
        Target::AtLeast(least) => format!("at least {}", digits(*least)),
        Target::None => String::new(),
    };
    let met = row.is_met().map_or("", |met| if met { "yes" } else { "no" });
    format!("| {name} | {value} | {target} | {met} |")
}

/// Three digits that say something.
fn digits(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

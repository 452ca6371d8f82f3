//! A picture of charts in rows of three, as SVG that follows the reader's light or dark colours. The same charts give the
//! same bytes.
//!
//! Written by hand: what draws charts in Rust writes each colour into each element, which a reader's choice of light or
//! dark does not reach.

use std::fmt::Write as _;

use serde_json::{Value, json};

pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
}

#[derive(Clone)]
pub(crate) struct Axis {
    label: String,
    is_log: bool,
}

pub(crate) struct Line {
    /// Empty where it is the only one.
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Axis {
    /// From 0 on.
    pub(crate) fn linear(label: &str) -> Axis {
        Axis { label: label.to_owned(), is_log: false }
    }

    /// In powers of ten.
    pub(crate) fn log(label: &str) -> Axis {
        Axis { label: label.to_owned(), is_log: true }
    }

    fn to_json(&self) -> Value {
        json!({"label": self.label, "log": self.is_log})
    }

    fn from_json(value: &Value) -> Axis {
        Axis { label: text(&value["label"]), is_log: value["log"].as_bool().unwrap() }
    }
}

impl Chart {
    pub(crate) fn to_json(&self) -> Value {
        let lines = self.lines.iter().map(|line| json!({"name": line.name, "points": line.points}));
        let lines: Vec<_> = lines.collect();
        json!({"title": self.title, "x": self.x.to_json(), "y": self.y.to_json(), "lines": lines})
    }

    pub(crate) fn from_json(value: &Value) -> Chart {
        let point = |point: &Value| (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
        let line = |line: &Value| Line {
            name: text(&line["name"]),
            points: line["points"].as_array().unwrap().iter().map(point).collect(),
        };
        Chart {
            title: text(&value["title"]),
            x: Axis::from_json(&value["x"]),
            y: Axis::from_json(&value["y"]),
            lines: value["lines"].as_array().unwrap().iter().map(line).collect(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

const COLUMNS: usize = 3;
/// Of a chart with what stands around it.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 232.0;
/// Of the space that lines are drawn in.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 284.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 188.0;
/// Above all charts, for the caption.
const HEAD: f64 = 24.0;

const STYLE: &str = "
text { font: 11px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #1f2328 }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round }
.c0 { stroke: #0969da } .f0 { fill: #0969da }
.c1 { stroke: #bc4c00 } .f1 { fill: #bc4c00 }
.c2 { stroke: #1a7f37 } .f2 { fill: #1a7f37 }
.middle { text-anchor: middle } .end { text-anchor: end }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
.c0 { stroke: #4493f8 } .f0 { fill: #4493f8 }
.c1 { stroke: #f0883e } .f1 { fill: #f0883e }
.c2 { stroke: #3fb950 } .f2 { fill: #3fb950 }
}
";

/// The picture.
pub(crate) fn svg(caption: &str, charts: &[Chart]) -> String {
    let (width, height) = (WIDTH * COLUMNS as f64, HEIGHT * charts.len().div_ceil(COLUMNS) as f64 + HEAD);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" role=\"img\">\n\
         <title>How cost grows: {caption}</title>\n<style>{STYLE}</style>\n<text x=\"12\" y=\"18\">{caption}</text>\n"
    );
    for (number, chart) in charts.iter().enumerate() {
        let (x, y) = ((number % COLUMNS) as f64 * WIDTH, (number / COLUMNS) as f64 * HEIGHT + HEAD);
        writeln!(svg, "<g transform=\"translate({x} {y})\">").unwrap();
        draw(&mut svg, chart);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, chart: &Chart) {
    let all = || chart.lines.iter().flat_map(|line| &line.points);
    let x = Scale::over(&chart.x, all().map(|point| point.0), (LEFT, RIGHT));
    let y = Scale::over(&chart.y, all().map(|point| point.1), (BOTTOM, TOP));
    let log = |axis: &Axis| if axis.is_log { " (log)" } else { "" };
    let Chart { title, x: x_axis, y: y_axis, .. } = chart;
    writeln!(svg, "<text class=\"title\" x=\"12\" y=\"18\">{title}</text>").unwrap();
    writeln!(svg, "<text x=\"12\" y=\"34\">{}{}</text>", y_axis.label, log(y_axis)).unwrap();
    let (middle, below) = (f64::midpoint(LEFT, RIGHT), BOTTOM + 32.0);
    let label = &x_axis.label;
    writeln!(svg, "<text class=\"middle\" x=\"{middle}\" y=\"{below}\">{label}{}</text>", log(x_axis)).unwrap();
    for tick in y.ticks() {
        let (at, label) = (y.at(tick), short(tick));
        writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>").unwrap();
        writeln!(svg, "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>", LEFT - 6.0, at + 4.0).unwrap();
    }
    for tick in x.ticks() {
        let (at, label) = (x.at(tick), short(tick));
        writeln!(svg, "<text class=\"middle\" x=\"{at:.1}\" y=\"{:.1}\">{label}</text>", BOTTOM + 16.0).unwrap();
    }
    for (number, line) in chart.lines.iter().enumerate() {
        let points: Vec<_> = line.points.iter().map(|point| (x.at(point.0), y.at(point.1))).collect();
        let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        writeln!(svg, "<path class=\"line c{number}\" d=\"M{}\"/>", path.join("L")).unwrap();
        for (x, y) in &points {
            writeln!(svg, "<circle class=\"f{number}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>").unwrap();
        }
        let Some((_, value)) = line.points.last() else { continue };
        let words = format!("{} {}", line.name, short(*value));
        let heights = under(&points, RIGHT - LETTER * words.len() as f64);
        // Above the first line and above what rises; the others have a line above them.
        let is_above = number == 0 || points.first().map(|first| first.1) > points.last().map(|last| last.1);
        let at = if is_above { heights.fold(BOTTOM, f64::min) - 8.0 } else { heights.fold(TOP, f64::max) + 16.0 };
        writeln!(svg, "<text class=\"end f{number}\" x=\"{RIGHT}\" y=\"{at:.1}\">{}</text>", words.trim()).unwrap();
    }
}

/// About the width of a letter.
const LETTER: f64 = 6.0;

/// How high a line stands from here to its end.
fn under(points: &[(f64, f64)], from: f64) -> impl Iterator<Item = f64> {
    points.windows(2).filter(move |ends| ends[1].0 > from).flat_map(move |ends| {
        let (start, end) = (ends[0], ends[1]);
        let part = ((from - start.0) / (end.0 - start.0)).max(0.0);
        [start.1 + part * (end.1 - start.1), end.1]
    })
}

/// Where figures stand between two ends.
struct Scale {
    is_log: bool,
    least: f64,
    most: f64,
    ends: (f64, f64),
    step: f64,
}

impl Scale {
    fn over(axis: &Axis, figures: impl Iterator<Item = f64> + Clone, ends: (f64, f64)) -> Scale {
        let most = figures.clone().fold(0.0, f64::max);
        if axis.is_log {
            let least = figures.fold(f64::INFINITY, f64::min);
            let (least, most) = (10_f64.powf(least.log10().floor()), 10_f64.powf(most.log10().ceil()));
            return Scale { is_log: true, least, most, ends, step: 10.0 };
        }
        // Four or five steps of 1, 2 or 5, and space above for the words.
        let power = 10_f64.powf((most / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|one| one * power).find(|step| step * 5.0 >= most * 0.999);
        let step = step.unwrap_or(most);
        Scale { is_log: false, least: 0.0, most: (most / step * 0.999).ceil() * step, ends, step }
    }

    fn at(&self, figure: f64) -> f64 {
        let part = if self.is_log {
            (figure / self.least).log10() / (self.most / self.least).log10()
        } else {
            figure / self.most
        };
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    fn ticks(&self) -> Vec<f64> {
        let next = |tick: &f64| Some(if self.is_log { tick * self.step } else { tick + self.step });
        std::iter::successors(Some(self.least), next).take_while(|tick| *tick <= self.most * 1.001).collect()
    }
}

/// Three digits at most, in thousands or millions where there are.
fn short(figure: f64) -> String {
    let (figure, unit) = match figure {
        ..1e3 => (figure, ""),
        1e3..1e6 => (figure / 1e3, "k"),
        _ => (figure / 1e6, "M"),
    };
    let digits = usize::from(figure < 10.0 && figure.fract() > 0.05);
    format!("{figure:.digits$}{unit}")
}

//! The plots: bars with their values, as SVG.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::files::FUNCTIONS;
use crate::measure::flows::Step;
use crate::outcome::Outcome;
use crate::report::tables::{argon2_ms, beside_ms, best_rate, login_ms, number};

const WIDTH: f64 = 720.0;
const LABELS: f64 = 260.0;
const ROW: f64 = 30.0;
const COLOURS: [&str; 2] = ["#2f6f4f", "#8a8f98"];

/// A bar: what it stands for, its value, and whether it is ours.
struct Bar(String, f64, bool);

/// Writes every plot into the folder.
pub fn write(folder: &Path, figures: &Value) -> Outcome<()> {
    let ours = |label: &str, value| Bar(label.to_owned(), value, true);
    let other = |label: &str, value| Bar(label.to_owned(), value, false);
    let limit = 1e3 / argon2_ms(figures);
    let logins = [
        other("argon2id alone", limit),
        ours("whole logins, by their CPU", 1e3 / login_ms(figures)),
        ours("whole logins, as they ran", best_rate(figures)),
    ];
    draw(folder, "logins.svg", "On one core, a second", "", &logins)?;

    let mut cpu = vec![
        other("argon2id alone", argon2_ms(figures)),
        ours("whole login beside argon2id", beside_ms(figures)),
    ];
    for step in Step::ALL.into_iter().filter(|step| *step != Step::Password) {
        let value = number(figures, &["one_at_a_time", "steps", step.name(), "cpu_ms"]);
        cpu.push(ours(step.name(), value));
    }
    draw(folder, "cpu.svg", "CPU, milliseconds", "ms", &cpu)?;

    let kind = |name: &str| number(figures, &["cost", "kinds", name, "all"]);
    let service = |name: &str| number(figures, &["cost", "others", name]);
    let cost = [
        ours("login by app", kind("app")),
        ours("login by e-mail", kind("e-mail")),
        other("Cognito Essentials, without messages", service("Cognito")),
        ours("login by SMS", kind("SMS")),
        other("Auth0 B2C Essentials", service("Auth0")),
    ];
    draw(
        folder,
        "cost.svg",
        "A million logins, US dollars",
        "",
        &cost,
    )?;

    let mut cold = vec![other(
        "bare",
        number(figures, &["cold", "bare", "median_ms"]),
    )];
    let each = FUNCTIONS.map(|name| ours(name, number(figures, &["cold", name, "median_ms"])));
    cold.extend(each);
    draw(
        folder,
        "cold.svg",
        "Exec to the first poll, milliseconds",
        "ms",
        &cold,
    )?;

    let rows = figures["table"].as_array().into_iter().flatten();
    let table: Vec<Bar> = rows
        .map(|row| ours(&format!("{} users", row["users"]), number(row, &["p50_ms"])))
        .collect();
    draw(
        folder,
        "table.svg",
        "A whole login, milliseconds",
        "ms",
        &table,
    )
}

fn draw(folder: &Path, file: &str, title: &str, unit: &str, bars: &[Bar]) -> Outcome<()> {
    let most = bars
        .iter()
        .map(|bar| bar.1)
        .fold(f64::MIN_POSITIVE, f64::max);
    let height = ROW.mul_add(bars.len() as f64, 50.0);
    let mut svg = String::new();
    writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"12\" y=\"26\" font-weight=\"bold\" fill=\"#1c1f23\">{title}</text>"
    )?;
    for (at, Bar(label, value, ours)) in bars.iter().enumerate() {
        let top = ROW.mul_add(at as f64, 42.0);
        let middle = top + 15.0;
        let width = (WIDTH - LABELS - 110.0) * value / most;
        let end = LABELS + width + 8.0;
        let colour = if *ours { COLOURS[0] } else { COLOURS[1] };
        let digits = if *value >= 100.0 { 0 } else { 2 };
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\" fill=\"#1c1f23\">{label}</text>\n\
             <rect x=\"{LABELS}\" y=\"{top}\" width=\"{width:.1}\" height=\"20\" fill=\"{colour}\"/>\n\
             <text x=\"{end:.1}\" y=\"{middle}\" fill=\"#1c1f23\">{value:.digits$} {unit}</text>",
            LABELS - 10.0,
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(std::fs::write(folder.join(file), svg)?)
}

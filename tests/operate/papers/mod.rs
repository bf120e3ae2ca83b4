//! The papers for operators: the tool does what their `console` blocks show.

mod console;
mod first_day;
mod operate;

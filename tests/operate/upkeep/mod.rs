//! What keeps a deployment in order: keys that follow each other, and `doctor`.

pub mod doctor;
mod flows_across_rotations;
pub mod keys;
mod keys_in_a_year;
mod replaced_keys;
mod resealed_pairs;
mod settings_file;

//! Commands and expressions of maps and lists.

use super::queries::Builder;
use crate::Prng;

impl Builder {
    pub(super) fn maps(&mut self, prng: &mut Prng) -> String {
        let field = match self.fields.is_events && prng.chance(0.7) {
            true => prng.pick(&["a", "b", "o", "o.y", "o.x", "@message"]).to_string(),
            false => self.fields.any(prng),
        };
        match prng.below(6) {
            0 | 1 => {
                let made = self.map();
                format!("unnest {field} into {made}")
            }
            2 if !self.is_joined => format!("expand {field}"),
            3 => {
                let path = prng.pick(&["x", "a", "o.x", "y[0]", "0", "$.o", "nosuch"]);
                let made = self.map();
                format!("json field={field} \"{path}\" as {made}")
            }
            4 => {
                let path = prng.pick(&["", ".x", ".a", ".o.y[0]", ".0"]);
                let made = self.map();
                format!("fields jsonParse({field}){path} as {made}")
            }
            _ => {
                let call = match prng.below(4) {
                    0 => format!("jsonArraySize({field})"),
                    1 => format!("jsonArrayContains({field}, {})", prng.pick(&["\"x9\"", "1"])),
                    2 => format!("strlen(jsonStringify({field}))"),
                    _ => format!("jsonStringify(jsonParse({field}))"),
                };
                format!("fields {call} as {}", self.made())
            }
        }
    }

    /// A name for a map, and names for what may be within it.
    fn map(&mut self) -> String {
        let made = self.made();
        let within = ["x", "0", "0.x", "y"].map(|path| format!("{made}.{path}"));
        self.fields.names.extend(within);
        made
    }
}

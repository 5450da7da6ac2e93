//! `{{name}}` in the text of a query.

use crate::error::Error;

/// Characters of a parameter's name at most, as on the service.
pub const PARAMETER_NAME_MAX: usize = 128;

/// The text with the value of every parameter in its place, as it is: also within quotes and backticks. The places
/// of later errors count in the text that is returned.
///
/// # Errors
/// [`Error::Parameter`] for a parameter without a value, for a value whose parameter the text does not have, and for
/// a name that is none.
///
/// # Examples
/// ```
/// let text = insq::fill_parameters("filter region = '{{region}}'", &[("region", "eu-north-1")])?;
/// assert_eq!(text, "filter region = 'eu-north-1'");
/// assert!(insq::fill_parameters("filter region = '{{region}}'", &[]).is_err());
/// # Ok::<(), insq::Error>(())
/// ```
pub fn fill_parameters(text: &str, values: &[(&str, &str)]) -> Result<String, Error> {
    for (name, _) in values {
        if !is_name(name) {
            return Err(Error::Parameter(format!(
                "`{name}` is no name of a parameter: letters, digits and underscores, up to {PARAMETER_NAME_MAX}"
            )));
        }
        if !text.contains(&format!("{{{{{name}}}}}")) {
            return Err(Error::Parameter(format!(
                "the query has no parameter `{{{{{name}}}}}`"
            )));
        }
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let name = inner
            .find("}}")
            .map(|end| &inner[..end])
            .filter(|name| is_name(name));
        let Some(name) = name else {
            filled.push_str("{{");
            rest = inner;
            continue;
        };
        let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else {
            return Err(Error::Parameter(format!(
                "the parameter `{{{{{name}}}}}` has no value; give one with `--param {name}=…`"
            )));
        };
        filled.push_str(value);
        rest = &inner[name.len() + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(text: &str) -> bool {
    text.len() <= PARAMETER_NAME_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let fill =
            |text: &str, values: &[(&str, &str)]| fill_parameters(text, values).map_err(|e| e.to_string());
        assert_eq!(
            fill("a = {{n}} or b = {{n}}", &[("n", "5")]).unwrap(),
            "a = 5 or b = 5"
        );
        // Values are not searched for parameters.
        assert_eq!(
            fill("{{a}}{{b}}", &[("a", "{{b}}"), ("b", "x")]).unwrap(),
            "{{b}}x"
        );
        // A repetition of a regex is none.
        assert_eq!(fill("/a{{2}}/", &[]).unwrap(), "/a{{2}}/");
        assert!(fill("{{n}}", &[]).unwrap_err().contains("--param n="));
        assert!(fill("a", &[("n", "5")]).unwrap_err().contains("no parameter"));
        assert!(fill("{{n-m}}", &[("n-m", "5")]).unwrap_err().contains("no name"));
        let longest = "n".repeat(PARAMETER_NAME_MAX);
        assert!(fill(&format!("{{{{{longest}}}}}"), &[(&longest, "5")]).is_ok());
        let longer = format!("{longest}n");
        assert!(fill(&format!("{{{{{longer}}}}}"), &[(&longer, "5")]).is_err());
    }
}

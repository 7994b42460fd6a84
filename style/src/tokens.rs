//! Colours by what they are for, in OKLCH (lightness 0–1, chroma, hue in degrees), light and dark.

/// One OKLCH colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oklch(pub f64, pub f64, pub f64);

/// A named colour: `var(--name)` in CSS, `bg-name`, `text-name` and `border-name` as utilities.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub name: &'static str,
    pub light: Oklch,
    pub dark: Oklch,
}

const fn token(name: &'static str, light: Oklch, dark: Oklch) -> Token {
    Token { name, light, dark }
}

/// Surfaces 1 (page) to 4 (pressed), ink 1 (text) to 3 (hints), lines, and the states. `*-soft` is the
/// background that text in the state's colour sits on.
pub const TOKENS: &[Token] = &[
    token("surface-1", Oklch(1.0, 0.0, 0.0), Oklch(0.19, 0.008, 265.0)),
    token("surface-2", Oklch(0.98, 0.003, 265.0), Oklch(0.165, 0.008, 265.0)),
    token("surface-3", Oklch(0.962, 0.004, 265.0), Oklch(0.235, 0.010, 265.0)),
    token("surface-4", Oklch(0.938, 0.006, 265.0), Oklch(0.275, 0.012, 265.0)),
    token("ink-1", Oklch(0.23, 0.015, 265.0), Oklch(0.955, 0.004, 265.0)),
    token("ink-2", Oklch(0.40, 0.015, 265.0), Oklch(0.82, 0.008, 265.0)),
    token("ink-3", Oklch(0.495, 0.014, 265.0), Oklch(0.715, 0.012, 265.0)),
    token("line", Oklch(0.915, 0.005, 265.0), Oklch(0.29, 0.011, 265.0)),
    token("line-strong", Oklch(0.60, 0.012, 265.0), Oklch(0.54, 0.014, 265.0)),
    token("good", Oklch(0.48, 0.12, 155.0), Oklch(0.80, 0.13, 157.0)),
    token("good-soft", Oklch(0.955, 0.035, 157.0), Oklch(0.27, 0.045, 160.0)),
    token("warn", Oklch(0.49, 0.105, 70.0), Oklch(0.83, 0.12, 80.0)),
    token("warn-soft", Oklch(0.96, 0.045, 88.0), Oklch(0.285, 0.045, 78.0)),
    token("bad", Oklch(0.51, 0.18, 26.0), Oklch(0.76, 0.13, 22.0)),
    token("bad-soft", Oklch(0.957, 0.022, 20.0), Oklch(0.28, 0.06, 22.0)),
];

/// The accent of the application: indigo.
pub const WEB_ACCENT: &[Token] = &[
    token("accent", Oklch(0.50, 0.18, 274.0), Oklch(0.76, 0.11, 277.0)),
    token("accent-hover", Oklch(0.44, 0.18, 274.0), Oklch(0.82, 0.09, 277.0)),
    token("accent-soft", Oklch(0.958, 0.022, 277.0), Oklch(0.285, 0.06, 276.0)),
    token("on-accent", Oklch(1.0, 0.0, 0.0), Oklch(0.19, 0.03, 276.0)),
];

/// The accent of the admin console: teal, so that nobody mistakes one for the other.
pub const ADMIN_ACCENT: &[Token] = &[
    token("accent", Oklch(0.47, 0.085, 205.0), Oklch(0.79, 0.10, 200.0)),
    token("accent-hover", Oklch(0.41, 0.08, 205.0), Oklch(0.85, 0.09, 200.0)),
    token("accent-soft", Oklch(0.955, 0.025, 205.0), Oklch(0.28, 0.04, 208.0)),
    token("on-accent", Oklch(1.0, 0.0, 0.0), Oklch(0.19, 0.03, 205.0)),
];

/// The tokens as CSS custom properties. `light-dark()` follows `color-scheme`, which the theme switch sets.
pub fn css() -> String {
    let block = |tokens: &[Token]| tokens.iter().map(declaration).collect::<String>();
    format!(":root{{{}{}}}[data-app=admin]{{{}}}", block(TOKENS), block(WEB_ACCENT), block(ADMIN_ACCENT))
}

fn declaration(token: &Token) -> String {
    let value = |Oklch(l, c, h): Oklch| format!("oklch({l} {c} {h})");
    format!("--{}:light-dark({},{});", token.name, value(token.light), value(token.dark))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2) through OKLab to linear sRGB, <https://bottosson.github.io/posts/oklab/>.
    fn luminance(Oklch(light, chroma, hue): Oklch) -> f64 {
        let (sin, cos) = hue.to_radians().sin_cos();
        let (a, b) = (chroma * cos, chroma * sin);
        let long = (light + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (light - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (light - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let red = 4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short;
        let green = -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short;
        let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short;
        0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
    }

    fn contrast(a: Oklch, b: Oklch) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn check(tokens: &[Token], text: &str, background: &str, least: f64) {
        let find = |name: &str| *tokens.iter().find(|token| token.name == name).unwrap();
        let (text_token, back) = (find(text), find(background));
        for (scheme, a, b) in [("light", text_token.light, back.light), ("dark", text_token.dark, back.dark)] {
            let ratio = contrast(a, b);
            assert!(ratio >= least, "{text} on {background}, {scheme}: {ratio:.2}");
        }
    }

    #[test]
    fn text_is_readable_on_every_surface_in_both_schemes() {
        for accent in [WEB_ACCENT, ADMIN_ACCENT] {
            let tokens = [TOKENS, accent].concat();
            for text in ["ink-1", "ink-2", "ink-3", "accent", "good", "warn", "bad"] {
                for surface in ["surface-1", "surface-2", "surface-3", "surface-4"] {
                    check(&tokens, text, surface, 4.5);
                }
            }
            for state in ["good", "warn", "bad", "accent"] {
                check(&tokens, state, &format!("{state}-soft"), 4.5);
                check(&tokens, "ink-2", &format!("{state}-soft"), 4.5);
            }
            check(&tokens, "on-accent", "accent", 4.5);
            check(&tokens, "on-accent", "accent-hover", 4.5);
            check(&tokens, "line-strong", "surface-1", 3.0);
        }
    }
}

//! What a page asks for. To the reactive graph all of it is one type, so that the machinery around an answer is in the
//! module once, and not once for each type of answer (docs/decisions/0005).

use crate::failure::{Answer, Failure};
use leptos::prelude::*;
use leptos::server::codee::{Decoder, Encoder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An answer of type `T` that is asked for now, and again whenever its source changes.
pub struct Data<T> {
    kept: Resource<Kept, AsText>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Data<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Data<T> {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> Data<T> {
    /// Asks with what `source` says, on the server where the page is made there.
    pub fn new<S, F>(source: impl Fn() -> S + Send + Sync + 'static, ask: impl Fn(S) -> F + Send + Sync + 'static) -> Self
    where
        S: PartialEq + Clone + Send + Sync + 'static,
        F: Future<Output = Answer<T>> + Send + 'static,
    {
        // Counted references: it may be asked in a moment when the page that it belongs to is gone.
        let source = ArcMemo::new(move |_| source());
        let said = source.clone();
        let ask = move || -> Boxed<Kept> {
            let answer = ask(said.get_untracked());
            Box::pin(async move { Kept::Value(Arc::new(answer.await)) })
        };
        // Reading it finds out what it depends on; tracking alone would not.
        Self { kept: resource(Box::new(move || source.with(|_| ())), Box::new(ask)), of: PhantomData }
    }

    /// Asks once more.
    pub fn refetch(&self) {
        self.kept.refetch();
    }
}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> IntoFuture for Data<T> {
    type Output = Answer<T>;
    type IntoFuture = Boxed<Answer<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.kept.await.answer() })
    }
}

/// Every run of the source is another number: it runs only when what it tracks has changed.
fn resource(track: Box<dyn Fn() + Send + Sync>, ask: Box<dyn Fn() -> Boxed<Kept> + Send + Sync>) -> Resource<Kept, AsText> {
    let runs = AtomicU64::new(0);
    let source = move || {
        track();
        runs.fetch_add(1, Ordering::Relaxed)
    };
    Resource::new_with_options(source, move |_| ask(), false)
}

/// An answer of some type: as it was asked for here, or as it came with the page.
#[derive(Clone)]
enum Kept {
    Value(Arc<dyn Value>),
    Text(Arc<str>),
    Failure(Failure),
}

impl Kept {
    fn answer<T: Clone + DeserializeOwned + 'static>(self) -> Answer<T> {
        match self {
            Self::Value(value) => value.any().downcast_ref::<Answer<T>>().cloned().unwrap_or_else(|| Err(unreadable("of another type"))),
            Self::Text(text) => serde_json::from_str(&text).map_err(unreadable),
            Self::Failure(failure) => Err(failure),
        }
    }
}

fn unreadable(cause: impl ToString) -> Failure {
    Failure::new(500, "internal", "The page's data cannot be read", cause.to_string())
}

/// An answer whose type is not known. Only the server writes it down.
trait Value: Send + Sync {
    fn any(&self) -> &dyn Any;
    #[cfg(feature = "ssr")]
    fn text(&self) -> Result<String, serde_json::Error>;
}

impl<T: Serialize + Send + Sync + 'static> Value for Answer<T> {
    fn any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "ssr")]
    fn text(&self) -> Result<String, serde_json::Error> {
        Ok(match self {
            Ok(value) => format!("{GOOD}{}", serde_json::to_string(value)?),
            Err(failure) => format!("{BAD}{}", serde_json::to_string(failure)?),
        })
    }
}

/// How answers travel with the page: as JSON, after a letter that says whether it is a failure.
struct AsText;
const GOOD: char = '+';
const BAD: char = '-';

impl Encoder<Kept> for AsText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(kept: &Kept) -> Result<String, Self::Error> {
        match kept {
            #[cfg(feature = "ssr")]
            Kept::Value(value) => value.text(),
            // Nothing travels back from the browser.
            _ => Ok(String::new()),
        }
    }
}

impl Decoder<Kept> for AsText {
    type Error = serde_json::Error;
    type Encoded = str;

    fn decode(text: &str) -> Result<Kept, Self::Error> {
        match text.strip_prefix(GOOD) {
            Some(value) => Ok(Kept::Text(value.into())),
            None => serde_json::from_str(text.strip_prefix(BAD).unwrap_or_default()).map(Kept::Failure),
        }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_same_as_a_value_and_as_text() {
        let good: Answer<Vec<u8>> = Ok(vec![1, 2]);
        let bad: Answer<Vec<u8>> = Err(Failure::new(404, "not-found", "Not there", "There is none."));
        for answer in [good, bad] {
            let kept = Kept::Value(Arc::new(answer.clone()));
            let text = AsText::encode(&kept).unwrap();
            assert_eq!(kept.answer::<Vec<u8>>(), answer);
            assert_eq!(AsText::decode(&text).unwrap().answer::<Vec<u8>>(), answer);
        }
        let other = Kept::Value(Arc::new(Answer::Ok(1_u8)));
        assert!(other.answer::<String>().is_err() && AsText::decode("+{").unwrap().answer::<u8>().is_err());
        assert!(AsText::decode("").is_err() && AsText::decode("{}").is_err());
    }
}

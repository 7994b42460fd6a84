/** Fills a workspace with invented people and their resumes, the same ones every time. */
import { at } from "./api.mjs";
import { inParallel } from "./timing.mjs";

const GIVEN = ["Ada", "Bela", "Carlo", "Dana", "Emil", "Fatima", "Greta", "Hugo", "Ines", "Jon", "Kira", "Leo", "Mina", "Nils", "Olga", "Pia"];
const FAMILY = ["Albrecht", "Brandt", "Costa", "Dubois", "Eriksen", "Fischer", "Gruber", "Hansen", "Ito", "Jansen", "Kovac", "Lehmann", "Moreau", "Novak", "Olsen", "Petrov"];
const SKILLS = ["Rust", "Python", "Java", "Go", "TypeScript", "PostgreSQL", "Kubernetes", "Machine Learning", "React", "AWS", "Docker", "Kafka", "Linux", "Terraform", "Spark", "GraphQL"];
const CITIES = ["Berlin", "Hamburg", "Munich", "Paris", "Oslo", "Lisbon", "Vienna", "Zurich"];
const TITLES = ["Software Engineer", "Data Engineer", "Platform Engineer", "Product Manager", "Designer", "Researcher"];

const pick = (list, index, step) => list[Math.floor(index / step) % list.length];

export function person(index) {
  const name = `${pick(GIVEN, index, 1)} ${pick(FAMILY, index, 16)} ${index}`;
  const title = pick(TITLES, index, 3);
  const skills = [0, 1, 2, 3, 4].map((offset) => SKILLS[(index * 7 + offset * 3 + Math.floor(index / 16)) % SKILLS.length]);
  const city = pick(CITIES, index, 5);
  return {
    record: { name, emails: [`person${index}@mail.example`], headline: title, location: city },
    resume: {
      basics: { name, label: title, email: `person${index}@mail.example`, location: { city } },
      work: [
        {
          name: `Company ${index % 300}`,
          position: title,
          startDate: `${2010 + (index % 12)}-0${1 + (index % 9)}`,
          highlights: [`Worked with ${skills[0]} and ${skills[1]} in ${city}.`, `Introduced ${skills[2]} to a team of ${2 + (index % 9)}.`],
        },
      ],
      education: [{ institution: `University of ${pick(CITIES, index, 7)}`, area: "Computer Science", studyType: "MSc" }],
      skills: skills.map((name) => ({ name })),
    },
  };
}

/** Writes `count` people with a resume each, a company and a job; answers the job and the last write's position. */
export async function fill(api, count) {
  let position;
  await inParallel(count, 8, async (index) => {
    const { record, resume } = person(index);
    const { id } = await api.create("relationship", "/api/v1/people", record);
    ({ position } = await api.create("resume", "/api/v1/resumes", { person_id: id, title: record.name, content: resume }));
  });
  const company = await api.create("company", "/api/v1/companies", { name: "Bench Industries" });
  const job = await api.create("job", "/api/v1/jobs", {
    title: "Platform engineer",
    company_id: company.id,
    description: "Runs Kubernetes and writes services in Rust.",
    skills: [{ name: "Rust", required: true }, { name: "Kubernetes", required: false }, { name: "PostgreSQL", required: false }],
  });
  const published = await api.json("POST", `${at("job")}/api/v1/jobs/${job.id}/publish`, {}, 200);
  return { job: job.id, position: published.headers["looma-position"] ?? position };
}

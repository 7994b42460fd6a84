/** Resumes that the tests and the benchmark make themselves; everyone in them is invented. */
import { randomInt } from "node:crypto";

/** A number that no other person here has: the same e-mail or phone would make an import a duplicate. */
export function anyPhone() {
  return `+49 30 ${1_000_000 + randomInt(9_000_000)}`;
}

/**
 * A person's resume as plain lines; a line that begins with `# ` is a heading, an empty one is a gap.
 * @param {{name: string, email: string, phone?: string, employer?: string, extra?: string[]}} who
 */
export function resumeLines({ name, email, phone = anyPhone(), employer = "Northwind Analytics", extra = [] }) {
  return [
    `# ${name}`,
    `Berlin, Germany | ${email} | ${phone}`,
    "",
    "# Summary",
    "Engineer who builds reliable data services and likes measuring before optimising.",
    "",
    "# Experience",
    `Senior Software Engineer, ${employer}, Berlin`,
    "March 2020 - Present",
    "- Designed a streaming platform in Rust and Python that handles 40,000 events a second.",
    "- Moved twelve services to Kubernetes and PostgreSQL without downtime.",
    "",
    "Software Engineer, Blue Heron Software, Hamburg",
    "June 2016 - February 2020",
    "- Built machine learning models in Python to forecast demand.",
    "",
    "# Education",
    "Technical University of Munich, MSc in Computer Science",
    "2014 - 2016",
    "",
    "# Skills",
    "Rust, Python, PostgreSQL, Kubernetes, Machine Learning",
    ...extra,
  ];
}

/**
 * A one-page PDF with the lines as text, in a standard font. Latin text only.
 * @param {string[]} lines
 * @returns {Buffer}
 */
export function pdf(lines) {
  const escape = (/** @type {string} */ text) => text.replace(/[\\()]/g, "\\$&");
  let y = 800;
  const drawn = lines.map((line, index) => {
    const heading = line.startsWith("# ");
    const size = heading ? (index === 0 ? 20 : 13) : 10;
    y -= line === "" ? 8 : size + 5;
    return line === "" ? "" : `BT /${heading ? "F2" : "F1"} ${size} Tf 56 ${y} Td (${escape(heading ? line.slice(2) : line)}) Tj ET`;
  });
  const content = drawn.filter(Boolean).join("\n");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
    `<< /Length ${Buffer.byteLength(content, "latin1")} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
  ];
  let out = "%PDF-1.4\n";
  const offsets = objects.map((body, index) => {
    const offset = Buffer.byteLength(out, "latin1");
    out += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return offset;
  });
  const table = Buffer.byteLength(out, "latin1");
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  out += offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(out, "latin1");
}

/** The same person as a PDF file to upload. */
export function pdfResume(who) {
  const name = `${who.name.toLowerCase().replaceAll(" ", "-")}.pdf`;
  return { name, mimeType: "application/pdf", buffer: pdf(resumeLines(who)) };
}

/** A Chinese resume in the JSON Resume format. */
export function chineseResume(name, email, phone = anyPhone()) {
  const content = {
    basics: { name, email, phone, label: "数据工程师", location: { city: "上海", countryCode: "CN" } },
    work: [
      { name: "云帆数据", position: "高级数据工程师", startDate: "2019-05", highlights: ["用 Python 和 Spark 搭建实时数据平台"] },
    ],
    education: [{ institution: "复旦大学", area: "计算机科学", studyType: "硕士", endDate: "2019" }],
    skills: [{ name: "Python" }, { name: "机器学习" }],
  };
  return { name: "resume.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(content)) };
}

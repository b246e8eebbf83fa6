/** What the page shows of an OpenAPI document. */
export interface ApiDescription {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: object;
}

type Content = Readonly<Record<string, { readonly schema?: object }>>;

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { margin: 2.5rem 0 0; font-size: 1.1rem; }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
  pre { overflow-x: auto; padding: 0.5rem; background: #8881; }
  .method { display: inline-block; min-width: 4rem; font-weight: bold; }
  dt { font-weight: bold; }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } a { color: #8bf; } }`;

/** The description as one HTML page, which works without scripts. */
export function docsPage({ info, paths }: ApiDescription): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const contents = operations.map(
    ({ path, method, operation }) =>
      `<li><a href="#${anchor(method, path)}"><code><span class="method">${method}</span> ${escapeHtml(path)}</code></a> ` +
      `${escapeHtml(operation.summary ?? '')}</li>`,
  );
  const sections = operations.map(({ path, method, operation }) => section(path, method, operation));
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} ${escapeHtml(info.version)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>${escapeHtml(info.description ?? '')} The same as an <a href="openapi.json">OpenAPI document</a>.</p>
<ul>${contents.join('\n')}</ul>
${sections.join('\n')}
</body>
</html>
`;
}

function section(path: string, method: string, operation: Operation): string {
  const { summary = '', description, parameters = [], requestBody, responses } = operation;
  const answers = Object.entries(responses).map(
    ([status, answer]) =>
      `<dt>${status}</dt><dd>${escapeHtml(answer.description)} ${content(answer.content)}</dd>`,
  );
  return [
    `<h2 id="${anchor(method, path)}"><code><span class="method">${method}</span> ${escapeHtml(path)}</code></h2>`,
    `<p>${escapeHtml(summary)}</p>`,
    description && `<p>${escapeHtml(description)}</p>`,
    parameters.length > 0 && `<h3>Parameters</h3><dl>${parameters.map(parameter).join('')}</dl>`,
    requestBody && `<h3>Body</h3>${content(requestBody.content)}`,
    `<h3>Answers</h3><dl>${answers.join('')}</dl>`,
  ]
    .filter(Boolean)
    .join('\n');
}

function parameter({ name, in: where, required, description = '', schema = {} }: Parameter): string {
  const how = `in ${where}${required ? ', needed' : ''}`;
  return `<dt><code>${escapeHtml(name)}</code> (${how})</dt><dd>${escapeHtml(description)} ${json(schema)}</dd>`;
}

/** Media types with the same schema are shown together. */
function content(types: Content = {}): string {
  const bySchema = new Map<string, string[]>();
  for (const [type, { schema = {} }] of Object.entries(types)) {
    const text = json(schema);
    bySchema.set(text, [...(bySchema.get(text) ?? []), `<code>${escapeHtml(type)}</code>`]);
  }
  return [...bySchema]
    .map(([text, names]) => `<details><summary>${names.join(', ')}</summary>${text}</details>`)
    .join('');
}

function json(value: object): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

function anchor(method: string, path: string): string {
  return `${method}-${path}`.replace(/[^A-Za-z0-9]+/g, '-');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

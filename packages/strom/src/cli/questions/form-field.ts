/**
 * One field of a server's form: how it is shown, and what an answer typed to it means.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation#requested-schema
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { plainLine } from '../live/terminal-text.ts';

export type FieldValue = string | number | boolean | string[];

/** What a typed answer means: a value, nothing at all, or a problem to tell the person. */
export type Reading = { readonly value: FieldValue | undefined } | { readonly problem: string };

interface Choice {
  readonly value: string;
  readonly title: string;
}

export class FormField {
  readonly name: string;
  readonly isRequired: boolean;
  readonly #schema: JsonObject;
  readonly #choices: readonly Choice[];

  constructor(name: string, schema: unknown, isRequired: boolean) {
    this.name = name;
    this.isRequired = isRequired;
    this.#schema = isJsonObject(schema) ? schema : {};
    this.#choices = choicesOf(this.#schema);
  }

  /** The question on one line: title, what may be typed, and what an empty answer means. */
  get label(): string {
    const title = this.#text('title') ?? this.name;
    const description = this.#text('description');
    const about = description === undefined ? '' : ` - ${description}`;
    return plainLine(`${title}${about} (${this.#expectation()})`);
  }

  /** Understands what was typed. */
  read(typed: string): Reading {
    const text = typed.trim();
    if (text === '') return this.#readNothing();
    switch (ownValue(this.#schema, 'type')) {
      case 'boolean':
        return readBoolean(text);
      case 'integer':
      case 'number':
        return this.#readNumber(text);
      case 'array':
        return this.#readList(text);
      default:
        return this.#choices.length > 0 ? this.#readChoice(text) : this.#readText(typed);
    }
  }

  #text(key: string): string | undefined {
    const value = ownValue(this.#schema, key);
    return typeof value === 'string' ? value : undefined;
  }

  #number(key: string): number | undefined {
    const value = ownValue(this.#schema, key);
    return typeof value === 'number' ? value : undefined;
  }

  get #default(): unknown {
    return ownValue(this.#schema, 'default');
  }

  #expectation(): string {
    const type = this.#text('type') ?? 'string';
    const names = this.#choices.map(({ value, title }) =>
      title === value ? value : `${value}: ${title}`,
    );
    const form = names.length > 0 ? names.join(' | ') : type === 'boolean' ? 'yes or no' : type;
    const list = type === 'array' ? ', several with commas' : '';
    return `${form}${list}${this.#whenEmpty()}`;
  }

  #whenEmpty(): string {
    if (this.#default !== undefined) return `, empty for ${JSON.stringify(this.#default)}`;
    return this.isRequired ? '' : ', may be empty';
  }

  #readNothing(): Reading {
    // The client puts in the default for what an answer leaves out.
    if (this.#default !== undefined || !this.isRequired) return { value: undefined };
    return { problem: 'an answer is needed' };
  }

  #readNumber(text: string): Reading {
    const value = Number(text);
    const isWhole = ownValue(this.#schema, 'type') === 'integer';
    if (!Number.isFinite(value)) return { problem: 'a number is needed' };
    if (isWhole && !Number.isInteger(value)) return { problem: 'a whole number is needed' };
    const { minimum = -Infinity, maximum = Infinity } = {
      minimum: this.#number('minimum'),
      maximum: this.#number('maximum'),
    };
    if (value < minimum) return { problem: `at least ${minimum} is needed` };
    if (value > maximum) return { problem: `at most ${maximum} is allowed` };
    return { value };
  }

  #readText(text: string): Reading {
    const least = this.#number('minLength') ?? 0;
    const most = this.#number('maxLength') ?? Infinity;
    if (text.length < least) return { problem: `at least ${least} characters are needed` };
    if (text.length > most) return { problem: `at most ${most} characters are allowed` };
    return { value: text };
  }

  #readChoice(text: string): Reading {
    const choice = this.#find(text);
    return choice === undefined ? { problem: this.#notAChoice(text) } : { value: choice };
  }

  #readList(text: string): Reading {
    const words = text.split(',').map((word) => word.trim());
    const values: string[] = [];
    for (const word of words.filter((word) => word !== '')) {
      const choice = this.#choices.length > 0 ? this.#find(word) : word;
      if (choice === undefined) return { problem: this.#notAChoice(word) };
      values.push(choice);
    }
    const least = this.#number('minItems') ?? 0;
    const most = this.#number('maxItems') ?? Infinity;
    if (values.length < least) return { problem: `at least ${least} are needed` };
    if (values.length > most) return { problem: `at most ${most} are allowed` };
    return { value: values };
  }

  #find(text: string): string | undefined {
    const isMeant = ({ value, title }: Choice): boolean => value === text || title === text;
    return this.#choices.find(isMeant)?.value;
  }

  #notAChoice(text: string): string {
    return `"${plainLine(text)}" is none of ${this.#choices.map(({ value }) => plainLine(value)).join(', ')}`;
  }
}

function readBoolean(text: string): Reading {
  if (/^(y|yes|true|1)$/i.test(text)) return { value: true };
  if (/^(n|no|false|0)$/i.test(text)) return { value: false };
  return { problem: 'yes or no is needed' };
}

/** The choices of a field, in every form the revisions have had for them. */
function choicesOf(schema: JsonObject): readonly Choice[] {
  const items = ownValue(schema, 'items');
  const source = isJsonObject(items) ? items : schema;
  const titled = ownValue(source, 'oneOf') ?? ownValue(source, 'anyOf');
  if (Array.isArray(titled)) return titled.filter(isJsonObject).map(titledChoice);
  const values = ownValue(source, 'enum');
  if (!Array.isArray(values)) return [];
  const names = ownValue(source, 'enumNames');
  const titles = Array.isArray(names) ? names : [];
  return values.map((value, index) => ({
    value: String(value),
    title: String(titles[index] ?? value),
  }));
}

function titledChoice(choice: JsonObject): Choice {
  const value = String(ownValue(choice, 'const'));
  return { value, title: String(ownValue(choice, 'title') ?? value) };
}

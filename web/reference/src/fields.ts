// Fields: what a schema allows, as rows for people.

import type { OpenApi, Schema } from "./openapi.ts";

export interface Field {
  name: string;
  /** Such as `string or null`, `PortState`, `Mark[]`. */
  type: string;
  about: string;
  isRequired: boolean;
  /** The words that are possible, where they are few. */
  words: string[];
  /** What it is made of, if of anything. */
  inner: Schema | undefined;
}

/** Reads the schemas of one document. */
export class Fields {
  readonly #schemas: Record<string, Schema>;

  constructor(document: OpenApi) {
    this.#schemas = document.components.schemas;
  }

  /** The schema itself, if it is only named. */
  resolve(schema: Schema): Schema {
    const name = nameOf(schema);
    return name === undefined ? schema : (this.#schemas[name] ?? {});
  }

  /** What people call it. */
  type(schema: Schema): string {
    const name = nameOf(schema);
    if (name !== undefined) {
      const target = this.resolve(schema);
      const isPlain = target.type === "integer" || (target.type === "string" && !target.enum);
      return isPlain ? String(target.type) : name;
    }
    if (schema.items) return `${this.type(schema.items)}[]`;
    if (schema.oneOf) return [...new Set(schema.oneOf.map((one) => this.type(one)))].join(" or ");
    if (schema.enum) return "string";
    if (schema.allOf) return "object";
    return schema.type === undefined ? "any" : [schema.type].flat().join(" or ");
  }

  /** The possible shapes: one, or those of a choice. */
  shapes(schema: Schema): Schema[] {
    const target = this.resolve(schema);
    if (target.items) return this.shapes(target.items);
    const choices = target.oneOf?.filter(({ type }) => type !== "null");
    if (choices?.length === 1 && choices[0]) return this.shapes(choices[0]);
    return choices ?? [target];
  }

  /** The fields of one shape. */
  of(schema: Schema): Field[] {
    const target = this.resolve(schema);
    const inherited = (target.allOf ?? []).flatMap((part) => this.of(part));
    const own = Object.entries(target.properties ?? {}).map(([name, field]) =>
      this.#field(name, field, target.required?.includes(name) ?? false),
    );
    return [...own, ...inherited];
  }

  #field(name: string, schema: Schema, isRequired: boolean): Field {
    const shapes = this.shapes(schema);
    const words = shapes.length === 1 ? (shapes[0]?.enum ?? []) : [];
    const hasInner = shapes.some((shape) => this.of(shape).length > 0);
    return {
      name,
      type: this.type(schema),
      about: this.#about(schema),
      isRequired,
      words,
      inner: hasInner ? schema : undefined,
    };
  }

  #about(schema: Schema): string {
    const named = schema.oneOf?.find(({ description }) => description);
    const text = schema.description ?? named?.description ?? this.resolve(schema).description ?? "";
    return text.replaceAll("\n", " ");
  }
}

function nameOf(schema: Schema): string | undefined {
  return schema.$ref?.split("/").at(-1);
}

/**
 * JSONPath (RFC 9535, no scripts) as a filter: whether a path selects something in an event's data, and what an index must have
 * filed for it to be able to. How long that may take is not decided here: see search-guard.ts.
 */
import * as lib from "json-p3";
import { allOf, anyOf, type Need, needOfString, nothingNeeded } from "../../../core/search/need.ts";
import { JournalError } from "../journal-protocol.ts";

export type JsonPath = {
  /** Whether it selects something; false when it cannot be told, as in JSON that is too deep. Takes as long as it takes. */
  selects(value: JsonValue): boolean;
  readonly need: Need;
};

export type JsonValue = Parameters<lib.JSONPathQuery["match"]>[0];

/** Data as a value, or undefined when it is not JSON. Linear in its length, unlike a path. */
export function jsonOf(data: string): JsonValue | undefined {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** Only what the standard has; deeper JSON than this is not looked into, and selects nothing. */
const environment = new lib.JSONPathEnvironment({ strict: true, maxRecursionDepth: 256 });

/** @throws JournalError "filter-path-invalid" { at }, the character at which it stops being a path, 1 = the first */
export function parsePath(text: string): JsonPath {
  const query = compile(text);
  return { selects: (value) => selects(query, value), need: needOfSegments(query) };
}

function compile(text: string): lib.JSONPathQuery {
  try {
    return environment.compile(text);
  } catch (error) {
    const index = error instanceof lib.JSONPathError ? error.token.index : 0;
    throw new JournalError("filter-path-invalid", { at: Math.min(index, text.length) + 1 });
  }
}

function selects(query: lib.JSONPathQuery, value: JsonValue): boolean {
  try {
    return query.match(value) !== undefined;
  } catch {
    // Deeper than the limit, or a pattern that is no I-Regexp: the standard has a filter select nothing then.
    return false;
  }
}

function needOfSegments({ segments }: lib.JSONPathQuery): Need {
  return allOf(segments.map(({ selectors }) => anyOf(selectors.map(needOfSelector))));
}

function needOfSelector(selector: lib.jsonpath.selectors.JSONPathSelector): Need {
  if (selector instanceof lib.jsonpath.selectors.NameSelector) return needOfString(selector.name);
  if (selector instanceof lib.jsonpath.selectors.FilterSelector) return needOfTruth(selector.expression.expression);
  return nothingNeeded;
}

type Expression = lib.jsonpath.expressions.FilterExpression;
const { expressions } = lib.jsonpath;

/** What must be in the data for the expression to be true. */
function needOfTruth(expression: Expression): Need {
  if (expression instanceof expressions.LogicalExpression) return needOfTruth(expression.expression);
  if (expression instanceof expressions.FilterQuery) return needOfSegments(expression.path);
  if (!(expression instanceof expressions.InfixExpression)) return nothingNeeded;
  const { left, operator, right } = expression;
  if (operator === "&&") return allOf([needOfTruth(left), needOfTruth(right)]);
  if (operator === "||") return anyOf([needOfTruth(left), needOfTruth(right)]);
  // Two sides that select nothing are equal, so only beside a literal must a query have found something.
  if (operator === "!=" || !(isLiteral(left) || isLiteral(right))) return nothingNeeded;
  return allOf([left, right].map((side) => needOfSide(side, operator)));
}

const isLiteral = (side: Expression): boolean => side instanceof expressions.FilterExpressionLiteral;

function needOfSide(side: Expression, operator: string): Need {
  if (side instanceof expressions.FilterQuery) return needOfSegments(side.path);
  // What a function gives says nothing of its words: length(@.a) is no part of the data.
  if (operator === "==" && side instanceof expressions.StringLiteral) return needOfString(side.value);
  return nothingNeeded;
}

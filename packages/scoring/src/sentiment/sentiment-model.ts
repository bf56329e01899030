/** The port for sentiment models, and a check that a model's labels mean what they say. */

/** What a model says of a text. */
export type SentimentLabel = 'negative' | 'neutral' | 'positive';

/** A model's answer for one text. */
export interface SentimentReading {
  readonly label: SentimentLabel;
  /** −1 to 1. */
  readonly score: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** A port: anything that reads texts. Implementations run where they can; this package only asks. */
export interface SentimentModel {
  /** Name and version, kept with what it read. */
  readonly id: string;
  /** One reading for each text, in their order. Rejects when it cannot read: a model that is not there has no opinion. */
  classify(texts: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<readonly SentimentReading[]>;
}

/** How a model did on sentences whose meaning is known. */
export interface SentimentCheck {
  readonly model: string;
  readonly sentences: number;
  readonly right: number;
  /** Positive read as negative, or the other way round: more than a few, and the labels are swapped. */
  readonly opposite: number;
  /** True with at least `leastRight` of the sentences right and fewer opposite than right. */
  readonly usable: boolean;
}

/**
 * Tries a model on sentences whose meaning is known, before it is used: a label map that is off by one reads everything
 * as neutral, or all the other way round.
 */
export async function checkSentimentModel(
  model: SentimentModel,
  sentences: readonly { readonly text: string; readonly label: SentimentLabel }[],
  leastRight = 0.7,
): Promise<SentimentCheck> {
  const readings = await model.classify(sentences.map(({ text }) => text));
  let right = 0;
  let opposite = 0;
  sentences.forEach(({ label }, i) => {
    const said = readings[i]?.label;
    if (said === label) right++;
    else if (said !== undefined && said !== 'neutral' && label !== 'neutral') opposite++;
  });
  const usable = sentences.length > 0 && right >= leastRight * sentences.length && opposite < right;
  return { model: model.id, sentences: sentences.length, right, opposite, usable };
}

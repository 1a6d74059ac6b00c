/** The charts of a page stand on one axis of time: what is red in one can be read down to the next. */

/** Left of every plot, px: room for the longest label of a time to headers in either language, and a gap on both sides of it. */
export const plotGutter = 80;
/** Between a label and the plot, px. */
export const plotGap = 8;

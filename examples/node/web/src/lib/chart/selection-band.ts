/** Marks the selected bar in a pane, behind everything else. */
import type {
  IPanePrimitive,
  IPrimitivePaneRenderer,
  PaneAttachedParameter,
  Time,
  UTCTimestamp,
} from 'lightweight-charts';

/** A pane primitive with a movable selection. */
export interface SelectionBand extends IPanePrimitive<Time> {
  /** Moves the band to a bar; undefined hides it. */
  select(time: UTCTimestamp | undefined): void;
  setColour(colour: string): void;
}

/** Creates a band for one pane. */
export function createSelectionBand(initialColour: string): SelectionBand {
  let attached: PaneAttachedParameter<Time> | undefined;
  let selected: UTCTimestamp | undefined;
  let colour = initialColour;

  const renderer: IPrimitivePaneRenderer = {
    draw: () => undefined,
    drawBackground: (target) => {
      if (!attached || selected === undefined) return;
      const scale = attached.chart.timeScale();
      const x = scale.timeToCoordinate(selected);
      if (x === null) return;
      const width = Math.max(scale.options().barSpacing, 3);
      target.useBitmapCoordinateSpace(({ context: ctx, horizontalPixelRatio: hr, bitmapSize }) => {
        const left = Math.round((x - width / 2) * hr);
        ctx.fillStyle = colour;
        ctx.fillRect(left, 0, Math.round((x + width / 2) * hr) - left, bitmapSize.height);
      });
    },
  };

  return {
    attached: (param) => {
      attached = param;
    },
    detached: () => {
      attached = undefined;
    },
    paneViews: () => [{ zOrder: () => 'bottom', renderer: () => renderer }],
    select: (time) => {
      selected = time;
      attached?.requestUpdate();
    },
    setColour: (next) => {
      colour = next;
      attached?.requestUpdate();
    },
  };
}

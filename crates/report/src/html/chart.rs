//! Charts as inline SVG. Colours are placeholders that the style sheet replaces, so that a chart follows the page's theme; each
//! chart is drawn twice, for a wide page and for a phone.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// A chart with its title and legend.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) wide: String,
    pub(super) narrow: String,
    pub(super) legend: Vec<(&'static str, String)>,
}

/// A line of a chart. Its colour is one of five.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) colour: u8,
    pub(super) points: Vec<(f64, f64)>,
}

/// What a line chart is made of.
pub(super) struct Lines {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) series: Vec<Line>,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) size: Size,
}

/// A cell of a heat map: its corners, and how dark it is, from 0 to 6.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    pub(super) level: u8,
}

/// What a heat map is made of.
pub(super) struct Heat {
    pub(super) title: &'static str,
    pub(super) text: String,
    pub(super) cells: Vec<Cell>,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) size: Size,
}

/// An axis: its range, how its marks read, and how many there are at most.
pub(super) struct Axis {
    pub(super) range: Range<f64>,
    pub(super) mark: Box<dyn Fn(f64) -> String>,
    pub(super) marks: usize,
}

/// Width and height.
pub(super) type Size = (u32, u32);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

const GRID: RGBColor = RGBColor(1, 1, 1);
const EDGE: RGBColor = RGBColor(2, 2, 2);
const NARROW: Size = (340, 240);

/// The size of a chart that stands beside another.
pub(super) const HALF: Size = (500, 280);
/// The size of a chart that stands by itself.
pub(super) const FULL: Size = (1040, 380);

impl Chart {
    pub(super) fn lines(lines: &Lines) -> Self {
        let draw = |area: &Area<'_>| draw_lines(area, lines);
        let legend = if lines.series.len() > 1 {
            lines.series.iter().map(|line| (key(line.colour), line.name.clone())).collect()
        } else {
            Vec::new()
        };
        Self {
            title: lines.title,
            text: lines.text.clone(),
            wide: svg(lines.size, draw),
            narrow: svg(NARROW, draw),
            legend,
        }
    }

    pub(super) fn heat(heat: &Heat) -> Self {
        let draw = |area: &Area<'_>| draw_heat(area, heat);
        Self {
            title: heat.title,
            text: heat.text.clone(),
            wide: svg(heat.size, draw),
            narrow: svg(NARROW, draw),
            legend: Vec::new(),
        }
    }
}

/// The class of a line's key.
fn key(colour: u8) -> &'static str {
    ["k1", "k2", "k3", "k4", "k5"][usize::from(colour.clamp(1, 5)) - 1]
}

fn svg(size: (u32, u32), draw: impl Fn(&Area<'_>) -> Drawn) -> String {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&area).and_then(|()| area.present()).expect("writing to a String cannot fail");
    }
    text
}

fn mesh(
    area: &Area<'_>,
    x: &Axis,
    y: &Axis,
    series: impl FnOnce(
        &mut ChartContext<'_, SVGBackend<'_>, Cartesian2d<RangedCoordf64, RangedCoordf64>>,
    ) -> Drawn,
) -> Drawn {
    let is_narrow = area.dim_in_pixel().0 <= NARROW.0;
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(18)
        .x_label_area_size(26)
        .y_label_area_size(if is_narrow { 52 } else { 60 })
        .build_cartesian_2d(x.range.clone(), y.range.clone())?;
    let font = ("sans-serif", 13).into_font().color(&EDGE);
    chart
        .configure_mesh()
        .axis_style(EDGE)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .label_style(font)
        .x_labels(if is_narrow { x.marks.div_ceil(2) } else { x.marks })
        .y_labels(y.marks)
        .x_label_formatter(&|value| (x.mark)(*value))
        .y_label_formatter(&|value| (y.mark)(*value))
        .draw()?;
    series(&mut chart)
}

fn draw_lines(area: &Area<'_>, lines: &Lines) -> Drawn {
    mesh(area, &lines.x, &lines.y, |chart| {
        for line in &lines.series {
            let style = RGBColor(line.colour, 0, 0).stroke_width(2);
            chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        }
        Ok(())
    })
}

fn draw_heat(area: &Area<'_>, heat: &Heat) -> Drawn {
    mesh(area, &heat.x, &heat.y, |chart| {
        let cells = heat
            .cells
            .iter()
            .map(|cell| Rectangle::new([cell.from, cell.to], RGBColor(10, 0, cell.level).filled()));
        chart.draw_series(cells)?;
        Ok(())
    })
}

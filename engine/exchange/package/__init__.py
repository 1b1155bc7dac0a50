"""A delivery package (汇交成果) in memory and on disk: layout, layers, ownership tables, spreadsheets, metadata."""

"""Documents for people, made from plain values: PDF, HTML, spreadsheets and the charts in them.

Nothing here knows a slice, a database or the web. Text of users is data in every format: a value
for typst, escaped in HTML, never a formula in a spreadsheet.
"""

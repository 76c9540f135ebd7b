"""Compile law into a program: names, types, units, effective windows, strata."""

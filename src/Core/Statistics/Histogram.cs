namespace MicroSpark;

/// <summary>How many numbers fall into each of some ranges.</summary>
/// <param name="Edges">
/// One more than there are ranges, ascending. Range i is from edge i inclusive to edge i + 1 exclusive; the last one includes its end. When
/// all numbers are equal there is one range, whose ends are that number.
/// </param>
/// <param name="Counts">How many numbers each range has.</param>
public sealed record Histogram(double[] Edges, long[] Counts);

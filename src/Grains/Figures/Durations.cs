using System.Globalization;

namespace MicroSpark.Grains.Figures;

/// <summary>Times for people, with two or three digits that count.</summary>
internal static class Durations
{
    public static string Show(double seconds) =>
        seconds < 0.001 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0} µs")
        : seconds < 0.01 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0.#} ms")
        : seconds < 1 ? string.Create(CultureInfo.InvariantCulture, $"{seconds * 1000:0} ms")
        : seconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s")
        : seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):0} s");
}

namespace MicroSpark.Samples;

/// <summary>Which airports lose most time? Reads flights as CSV or JSON, keeps them as Parquet, and asks the Parquet files.</summary>
public static class Flights
{
    /// <summary>One flight. Columns are found by these names, whatever their case.</summary>
    /// <param name="Delay">Minutes; below zero when it was early.</param>
    /// <param name="Distance">Miles.</param>
    public sealed record Flight(string Date, int Delay, int Distance, string Origin, string Destination);

    /// <summary>An airport, by the flights that leave it.</summary>
    /// <param name="MeanDelay">Minutes.</param>
    public sealed record Airport(string Code, long Departures, double MeanDelay);

    /// <summary>Converts the flights, then lists the airports with the longest mean delay.</summary>
    /// <param name="source">CSV with a header (<c>*.csv</c>), or JSON: one array a file.</param>
    /// <param name="parquet">A new folder for the Parquet files.</param>
    public static async Task<Airport[]> RunAsync(
        MicroSparkContext spark, string source, string parquet, int top = 10, CancellationToken cancellationToken = default)
    {
        var flights = Path.GetExtension(source) == ".csv"
            ? spark.CsvFile<Flight>(source)
            : spark.JsonFile<Flight>(source, new JsonFileOptions { IsArray = true });
        await flights.SaveAsParquetFileAsync(parquet, cancellationToken);

        return await spark.ParquetFile<Departure>(parquet)
            .Map(flight => (Key: flight.Origin, Value: (Minutes: (long)flight.Delay, Flights: 1L)))
            .ReduceByKey((a, b) => (a.Minutes + b.Minutes, a.Flights + b.Flights))
            .Map(airport => new Airport(airport.Key, airport.Value.Flights, (double)airport.Value.Minutes / airport.Value.Flights))
            .TakeOrderedAsync(top, airport => (-airport.MeanDelay, airport.Code), cancellationToken: cancellationToken);
    }

    /// <summary>The two columns that the question needs: no other is read.</summary>
    private sealed record Departure(string Origin, int Delay);
}

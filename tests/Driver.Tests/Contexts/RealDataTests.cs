namespace MicroSpark.Tests.Contexts;

/// <summary>Real files parse in full: flights, airports, routes and index prices, which are no part of the repository.</summary>
public sealed class RealDataTests
{
    public sealed record Flight(string Date, int Delay, int Distance, string Origin, string Destination);

    public sealed record Price(DateOnly Date, double Open, double High, double Low, double Close, double AdjClose, long Volume);

    public sealed record Airport(int Id, string Name, string City, string Country, string? Iata, string? Icao, double Latitude, double Longitude);

    [DataFact("flights-20k.json")]
    public async Task Flights_are_one_array()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var flights = spark.JsonFile<Flight>(DataFactAttribute.Find("flights-20k.json")!, new() { IsArray = true });
        Assert.Equal(20_000, await flights.Filter(f => f.Origin.Length == 3 && f.Destination.Length == 3 && f.Distance > 0).CountAsync());
    }

    [DataFact("sp500-2000.csv")]
    public async Task Prices_have_a_header()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var path = DataFactAttribute.Find("sp500-2000.csv")!;
        foreach (var partitions in new[] { 1, 50 })
        {
            var prices = spark.CsvFile<Price>(path, new() { MinPartitions = partitions });
            Assert.Equal(File.ReadLines(path).Count() - 1, await prices.Filter(p => p.Low <= p.High && p.Volume >= 0).CountAsync());
        }
    }

    [DataFact("airports.dat")]
    public async Task Airports_have_quotes_and_nulls()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var path = DataFactAttribute.Find("airports.dat")!;
        var options = new CsvOptions { HasHeader = false, NullValues = ["\\N"], BadRows = BadRows.Skip };
        var airports = await spark.CsvFile<Airport>(path, options).CountAsync();
        var bad = await spark.CsvBadRows<Airport>(path, options).CollectAsync();

        // Quotes inside quotes are escaped with a backslash there, in a few rows.
        Assert.Equal(File.ReadLines(path).Count(), airports + bad.Length);
        Assert.All(bad, row => Assert.Contains("\\\"", row.Text, StringComparison.Ordinal));
    }

    [DataFact("routes.dat")]
    public async Task Routes_are_tuples()
    {
        await using var spark = await MicroSparkContext.StartLocalAsync();
        var options = new CsvOptions { HasHeader = false, NullValues = ["\\N"], MinPartitions = 7 };
        var routes = spark.CsvFile<(string Airline, int? AirlineId, string From, int? FromId, string To, int? ToId)>(DataFactAttribute.Find("routes.dat")!, options);
        Assert.Equal(67_663, await routes.CountAsync());
    }
}

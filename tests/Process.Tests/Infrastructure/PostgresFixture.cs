namespace MicroSpark.Tests.Infrastructure;

/// <summary>A PostgreSQL server of this test run.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly PostgresServer _server = new();

    public Task<string> CreateDatabaseAsync() => _server.CreateDatabaseAsync();

    public Task InitializeAsync() => _server.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();
}

/// <summary>Tests that share one server; each makes databases of its own.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "postgres";
}

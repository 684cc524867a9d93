using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MicroSpark.Tests.Infrastructure;
using MicroSpark.Tests.Programs;

namespace MicroSpark.Tests.Workers;

/// <summary>What docs/security.md says of certificates, done as it says, with openssl: two workers and a client know each other.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("microspark-test-");

    [Fact]
    public async Task Two_workers_and_a_client_with_certificates_of_openssl_and_one_without()
    {
        var blocks = Blocks();
        await ShellAsync($"{blocks[0]}\nissue read clientAuth");
        var worker = await EnvironmentAsync(blocks[1]);
        Assert.Equal(4, worker.Count);
        using var database = new SqliteDatabase();
        var silos = await SiloProcess.StartAsync(2, database.Settings, worker);
        try
        {
            await using (var spark = await ConnectAsync(database, "client"))
            {
                Assert.Equal(2, (await spark.WorkersAsync()).Count);
                Assert.Equal(4950, await spark.Range(0, 100, 1, 8).Map(n => (n % 7, n)).ReduceByKey((a, b) => a + b).Values().SumAsync());
            }

            // The secret may do everything; the certificate limits whoever has it.
            await using (var reader = await ConnectAsync(database, "read"))
            {
                Assert.Single(await reader.JobsAsync());
                var refused = await Assert.ThrowsAnyAsync<Exception>(() => reader.Range(0, 10, 1, 2).CountAsync());
                Assert.Contains("read may ", refused.ToString(), StringComparison.Ordinal);
            }

            await LookAsync(database);
            var error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ConnectAsync(database, null));
            Assert.Contains("MicroSpark:Tls:Certificate", error.Message, StringComparison.Ordinal);
            error = await Assert.ThrowsAsync<ClusterUnavailableException>(() => ConnectAsync(database, null, tls: false));
            Assert.Contains("MicroSpark:Tls", error.Message, StringComparison.Ordinal);

            // A client's certificate does not make a worker.
            await using var third = SiloProcess.Launch(database.Settings, new Dictionary<string, string>(worker)
            {
                ["MICROSPARK__TLS__CERTIFICATE"] = FileOf("client.pem"),
                ["MICROSPARK__TLS__KEY"] = FileOf("client.key"),
            });
            Assert.Equal(2, await third.WaitForExitAsync());
            Assert.Contains("MicroSpark:Tls:Certificate", third.Errors, StringComparison.Ordinal);
        }
        finally
        {
            await ClusterAsserts.StopAllAsync(silos);
        }

        Assert.Contains(silos, silo => silo.Errors.Contains("it has no certificate", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The page is https, to a browser that trusts the authority and has no certificate.</summary>
    private async Task LookAsync(SqliteDatabase database)
    {
        foreach (var (certificate, session) in new[]
        {
            ("client", """{"control":true,"name":"cluster","role":"admin"}"""), ("read", """{"control":false,"name":"read","role":"read"}"""),
        })
        {
            var environment = new Dictionary<string, string>(database.Environment)
            {
                ["MICROSPARK__TLS__AUTHORITY"] = FileOf("ca.pem"),
                ["MICROSPARK__TLS__CERTIFICATE"] = FileOf($"{certificate}.pem"),
                ["MICROSPARK__TLS__KEY"] = FileOf($"{certificate}.key"),
            };
            var link = new Uri((await Cli.OutputAsync(environment, "ui", "--control")).Trim());
            Assert.StartsWith("https://127.0.0.1:", link.ToString(), StringComparison.Ordinal);
            using var plain = new HttpClient();
            await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new UriBuilder(link) { Scheme = "http" }.Uri));
            await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(link));

            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.ImportFromPemFile(FileOf("ca.pem"));
            using var visitor = await PageVisitor.EnterAsync(link, new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust } });
            Assert.Contains("; secure", visitor.Cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(session, await visitor.GetAsync("/api/v1/session"));
            Assert.Equal(2, (await visitor.JsonAsync("/api/v1/workers")).GetArrayLength());
            Assert.Equal(
                certificate == "read" ? HttpStatusCode.Forbidden : HttpStatusCode.NoContent,
                (await visitor.PostAsync($"/api/v1/jobs/{Guid.NewGuid():N}/cancel")).Status);
        }
    }

    private string FileOf(string name) => Path.Combine(_folder.FullName, name);

    private Task<MicroSparkContext> ConnectAsync(SqliteDatabase database, string? certificate, bool tls = true) => MicroSparkContext.ConnectAsync(o =>
    {
        (o.Membership.Provider, o.Membership.ConnectionString) = ("Sqlite", database.ConnectionString);
        o.SecretFile = database.SecretFile;
        o.Tls.Authority = tls ? FileOf("ca.pem") : null;
        if (certificate is not null)
        {
            (o.Tls.Certificate, o.Tls.Key) = (FileOf($"{certificate}.pem"), FileOf($"{certificate}.key"));
        }
    });

    /// <summary>The shell blocks of the page's section.</summary>
    private static string[] Blocks()
    {
        var page = File.ReadAllText(Path.Combine(Packages.PackageFeed.Repository, "docs", "security.md"));
        var section = page[page.IndexOf("## With certificates", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 5, StringComparison.Ordinal)];
        return [.. section.Split("```sh\n").Skip(1).Select(static part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(string block)
    {
        var lines = (await ShellAsync($"{block}\nenv")).Split('\n');
        return lines.Where(static line => line.StartsWith("MICROSPARK__TLS__", StringComparison.Ordinal)).Select(static line => line.Split('=', 2))
            .ToDictionary(static parts => parts[0], static parts => parts[1]);
    }

    private async Task<string> ShellAsync(string script)
    {
        await using var shell = ChildProcess.Start("bash", ["-e", "-c", script], folder: _folder.FullName);
        Assert.True(await shell.WaitForExitAsync() == 0, shell.Errors);
        return shell.Output;
    }
}

using System.Net;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Security;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace MicroSpark.Tests.Security;

/// <summary>One line each, with who, from where and which hash, and nothing that a caller puts in looks like another line.</summary>
public sealed class AuditLogTests : ILoggerFactory
{
    private readonly Infrastructure.ListLogger _log = new();
    private readonly Infrastructure.ManualTime _time = new();

    [Fact]
    public void Each_act_is_a_line_of_its_own_category()
    {
        var audit = new AuditLog(this, _time);
        RequestContext.Set(Caller.ContextKey, "ann@host/shop#7");
        audit.Uploaded("ann@host/shop#7", new IPEndPoint(IPAddress.Loopback, 5), "abc", 12);
        audit.Submitted("j1", "Count\nrefused 1.2.3.4", "abc");
        audit.Cancelled("j1");
        audit.Dropped("recipe", "r1");
        RequestContext.Remove(Caller.ContextKey);
        audit.Cancelled("j2");

        Assert.Equal(
            [
                "upload by ann@host/shop#7 from 127.0.0.1:5: abc, 12 B",
                "submit by ann@host/shop#7: job j1 Count refused 1.2.3.4, plan abc",
                "cancel by ann@host/shop#7: job j1",
                "drop by ann@host/shop#7: recipe r1",
                "cancel by this silo's host: job j2",
            ],
            _log.Lines.Select(static line => line.Message));
        Assert.Equal(LogLevel.Information, QuietLogging.LeastOf(AuditLog.Category));
    }

    [Fact]
    public void A_stranger_writes_one_line_a_second()
    {
        var audit = new AuditLog(this, _time);
        for (var i = 0; i < 1000; i++)
        {
            audit.Refused(new IPEndPoint(IPAddress.Loopback, i), "gateway", "it proved another secret");
        }

        _time.Advance(RefusalLimit.Interval);
        audit.Refused(new IPEndPoint(IPAddress.Loopback, 9), "gateway", "it proved another secret");

        Assert.Equal(
            [
                "refused 127.0.0.1:0 at the gateway: it proved another secret (and 0 before, not written)",
                "refused 127.0.0.1:9 at the gateway: it proved another secret (and 999 before, not written)",
            ],
            _log.Lines.Select(static line => line.Message));
    }

    [Fact]
    public void A_programs_own_silos_write_nothing()
    {
        new AuditLog(this, _time, enabled: false).Submitted("j1", "Count", "abc");
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("a b\nrefused", "a?b?refused")]
    [InlineData("ann@host/shop#7", "ann@host/shop#7")]
    public void What_a_caller_says_of_itself_is_one_word(string said, string written) => Assert.Equal(written, Caller.Clean(said));

    ILogger ILoggerFactory.CreateLogger(string categoryName)
    {
        Assert.Equal(AuditLog.Category, categoryName);
        return _log;
    }

    void ILoggerFactory.AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}

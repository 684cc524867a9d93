using System.Net;
using MicroSpark.Grains.Security;

namespace MicroSpark.Tests.Security;

/// <summary>Strangers write one line a second for each of their addresses, and fill nothing.</summary>
public sealed class RefusalLimitTests
{
    private readonly Infrastructure.ManualTime _time = new();

    [Fact]
    public void One_a_second_for_each_address_whatever_its_port()
    {
        var limit = new RefusalLimit(_time);

        Assert.Equal(0, limit.Admit(new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Null(limit.Admit(new IPEndPoint(IPAddress.Loopback, 1)));
        Assert.Null(limit.Admit(new IPEndPoint(IPAddress.Loopback, 2)));
        Assert.Equal(0, limit.Admit(new IPEndPoint(IPAddress.IPv6Loopback, 1)));
        _time.Advance(RefusalLimit.Interval);
        Assert.Equal(2, limit.Admit(new IPEndPoint(IPAddress.Loopback, 3)));
        Assert.Null(limit.Admit(new IPEndPoint(IPAddress.Loopback, 4)));
    }

    [Fact]
    public void Many_addresses_at_once_count_as_one_beyond_the_bound()
    {
        var limit = new RefusalLimit(_time);
        var admitted = Enumerable.Range(0, 10 * RefusalLimit.MostAddresses).Count(i => limit.Admit(new IPEndPoint(i, 1)) is not null);

        Assert.InRange(admitted, RefusalLimit.MostAddresses, RefusalLimit.MostAddresses + 1);
        _time.Advance(RefusalLimit.Interval);
        Assert.Equal(0, limit.Admit(new IPEndPoint(IPAddress.IPv6Loopback, 1)));
    }
}
